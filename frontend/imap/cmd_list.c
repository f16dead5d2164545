/*
 * cmd_list.c - LIST and LSUB (RFC 9051, 6.3.9; RFC 3501, 6.3.9; RFC 5258; RFC 5819; RFC 6154)
 *
 *	start	join patterns with the reference, ask storesvc for candidates
 *	known	show those that are meant (imap_list.c), OK
 */
#include "frontend/imap/imap_list.h"
#include "frontend/imap/imap_ops.h"
#include "frontend/imap/imap_status_items.h"
#include "mail/imap_string.h"

enum { MAX_PATTERNS = 60 };

struct list_frame {
	struct imap_frame base;
	struct span reference;
	struct imap_list list;
	Posthouse__ListRequest request;
	const Posthouse__ListReply *reply;
};

/* list-select-opt */
static enum parse
select_option(struct imap_parser *p, void *arg)
{
	struct imap_list *list = arg;
	struct span word;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("SUBSCRIBED")))
		list->subscribed = true;
	else if (span_eq_nocase(word, SPAN_LIT("SPECIAL-USE")))
		list->special_use = true;
	else if (span_eq_nocase(word, SPAN_LIT("RECURSIVEMATCH")))
		list->recursive = true;
	else if (!span_eq_nocase(word, SPAN_LIT("REMOTE")))
		return rule_bad(p, "Unknown selection option");
	return PARSE_OK;
}

/* return-option; CHILDREN and SPECIAL-USE are shown in any case */
static enum parse
return_option(struct imap_parser *p, void *arg)
{
	struct imap_list *list = arg;
	struct span word;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("STATUS"))) {
		TRY(rule_space(p));
		return rule_status_items(p, &list->status_items);
	}
	if (span_eq_nocase(word, SPAN_LIT("SUBSCRIBED")))
		list->return_subscribed = true;
	else if (!span_eq_nocase(word, SPAN_LIT("CHILDREN")) && !span_eq_nocase(word, SPAN_LIT("SPECIAL-USE")))
		return rule_bad(p, "Unknown return option");
	return PARSE_OK;
}

static enum parse
pattern(struct imap_parser *p, void *arg)
{
	struct imap_strings *patterns = arg;
	struct span text;

	TRY(rule_list_mailbox(p, &text));
	if (patterns->count == MAX_PATTERNS)
		return rule_bad(p, "Too many patterns");
	return imap_strings_add(p, patterns, text);
}

/* list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")" SP */
static enum parse
select_options(struct imap_parser *p, struct imap_list *list)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next != '(')
		return PARSE_OK;
	list->extended = true;
	TRY(rule_parenthesised(p, true, select_option, list));
	if (list->recursive && !list->subscribed && !list->special_use)
		return rule_bad(p, "RECURSIVEMATCH needs something to match");
	return rule_space(p);
}

/* mbox-or-pat = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")" */
static enum parse
patterns_to_list(struct imap_parser *p, struct imap_list *list)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next != '(')
		return pattern(p, &list->patterns);
	list->extended = true;
	return rule_parenthesised(p, false, pattern, &list->patterns);
}

/* list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP "RETURN" SP "(" ... ")"] */
static enum parse
list_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct list_frame *f = (struct list_frame *)frame;
	bool another;

	TRY(rule_space(p));
	TRY(select_options(p, &f->list));
	TRY(rule_astring(p, &f->reference));
	TRY(rule_space(p));
	TRY(patterns_to_list(p, &f->list));
	TRY(rule_another(p, &another));
	if (another) {
		f->list.extended = true;
		TRY(rule_word(p, "RETURN"));
		TRY(rule_space(p));
		TRY(rule_parenthesised(p, true, return_option, &f->list));
	}
	return rule_end(p);
}

/* lsub = "LSUB" SP mailbox SP list-mailbox; "%" shows levels above what is subscribed */
static enum parse
lsub_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct list_frame *f = (struct list_frame *)frame;
	struct imap_strings *patterns = &f->list.patterns;

	f->list.lsub = true;
	f->list.subscribed = true;
	TRY(rule_space(p));
	TRY(rule_astring(p, &f->reference));
	TRY(rule_space(p));
	TRY(pattern(p, patterns));
	f->list.recursive = span_index(patterns->items[0], '%') != patterns->items[0].len;
	return rule_end(p);
}

static enum step
list_known(struct task *t)
{
	struct list_frame *f = task_frame(t);
	struct buf lines;

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	buf_init(&lines, 0);
	imap_list_show(&f->list, &t->arena, f->reply, &lines);
	session_write_buf(t->session, &lines);
	buf_release(&lines);
	return imap_ok(t, "%s completed", f->base.command->name);
}

/* An empty pattern asks for the separator and the root of the reference (RFC 3501 6.3.8). */
static enum step
list_root(struct task *t)
{
	struct list_frame *f = task_frame(t);
	const struct imap_names *names = &f->list.names;
	struct buf root;

	buf_init(&root, 0);
	bool inbox = span_starts_nocase(names->prefix, SPAN_LIT("INBOX"));
	bool below = inbox ? span_starts_nocase(f->reference, names->prefix) : span_starts(f->reference, names->prefix);
	imap_string(&root, below ? names->prefix : SPAN_LIT(""));
	imap_untagged(t, "%s (\\Noselect) \"%c\" %.*s", f->base.command->name, names->separator,
	    (int)root.len, root.at);
	buf_release(&root);
	return imap_ok(t, "%s completed", f->base.command->name);
}

static enum step
list_start(struct task *t)
{
	struct list_frame *f = task_frame(t);
	struct imap_strings *patterns = &f->list.patterns;

	f->list.names = imap_session_names(t->session);
	if (!f->list.extended && patterns->items[0].len == 0)
		return list_root(t);
	for (size_t i = 0; i < patterns->count; i++)
		patterns->items[i] = span_str(arena_printf(&t->arena, "%.*s%.*s", (int)f->reference.len,
		    f->reference.at, (int)patterns->items[i].len, patterns->items[i].at));
	if (f->list.status_items & POSTHOUSE__STATUS_ITEM__STATUS_HIGHESTMODSEQ)
		imap_enable_condstore(t);
	if (!imap_list_ask(&f->list, &t->arena, &f->request))
		return imap_ok(t, "%s completed", f->base.command->name);
	return store_list(t, &f->request, &f->reply, list_known);
}

const struct imap_ops list_ops = {
	.frame_size = sizeof(struct list_frame),
	.parse = list_parse,
	.start = list_start,
};

const struct imap_ops lsub_ops = {
	.frame_size = sizeof(struct list_frame),
	.parse = lsub_parse,
	.start = list_start,
};
