/*
 * imap_parse_values.c - rules for flags, dates and parenthesised lists
 */
#include "frontend/imap/imap_parse.h"

#include "mail/date.h"

/* flag = "\" atom / atom */
enum parse
rule_flag(struct imap_parser *p, struct span *out)
{
	size_t start = p->at;
	char next;

	TRY(rule_peek(p, &next));
	if (next == '\\')
		p->at++;

	struct span name;
	enum parse result = rule_atom(p, &name);
	if (result != PARSE_OK)
		return rule_settle(p, start, result);
	*out = span_of(p->in.at + start, p->at - start);
	return PARSE_OK;
}

/* The room doubles whenever the count is a power of two. */
enum parse
imap_strings_add(struct imap_parser *p, struct imap_strings *list, struct span item)
{
	size_t count = list->count;

	if (count == IMAP_MAX_ITEMS)
		return rule_bad(p, "The list is too long");
	if ((count & (count - 1)) == 0) {
		struct span *larger = ARENA_ARRAY(p->arena, count ? 2 * count : 1, struct span);
		if (count)
			memcpy(larger, list->items, count * sizeof(*larger));
		list->items = larger;
	}
	list->items[list->count++] = item;
	return PARSE_OK;
}

static enum parse
parenthesised(struct imap_parser *p, bool may_be_empty,
    enum parse (*item)(struct imap_parser *p, void *arg), void *arg)
{
	TRY(rule_char(p, '('));
	TRY(rule_blanks(p));
	if (may_be_empty && rule_next_is(p, ')'))
		return rule_char(p, ')');
	for (;;) {
		size_t behind;
		TRY(item(p, arg));
		behind = p->at;
		TRY(rule_blanks(p));
		if (rule_next_is(p, ')'))
			return rule_char(p, ')');
		if (p->at == behind)
			return rule_space(p);	/* which says what is wrong */
	}
}

enum parse
rule_parenthesised(struct imap_parser *p, bool may_be_empty,
    enum parse (*item)(struct imap_parser *p, void *arg), void *arg)
{
	size_t start = p->at;

	return rule_settle(p, start, parenthesised(p, may_be_empty, item, arg));
}

static enum parse
flag_item(struct imap_parser *p, void *arg)
{
	struct span flag;

	TRY(rule_flag(p, &flag));
	return imap_strings_add(p, arg, flag);
}

/* flag-list = "(" [flag *(SP flag)] ")" */
enum parse
rule_flag_list(struct imap_parser *p, struct imap_strings *out)
{
	struct imap_strings flags = { NULL, 0 };

	TRY(rule_parenthesised(p, true, flag_item, &flags));
	*out = flags;
	return PARSE_OK;
}

/* date = date-text / DQUOTE date-text DQUOTE */
enum parse
rule_date(struct imap_parser *p, int32_t *out)
{
	size_t start = p->at;
	struct span text;
	char next;

	TRY(rule_peek(p, &next));
	if (next == '"')
		TRY(rule_quoted(p, &text));
	else
		TRY(rule_atom(p, &text));
	if (!date_parse_imap(text, out))
		return rule_settle(p, start, rule_bad(p, "A date like 1-Feb-1994 is expected"));
	return PARSE_OK;
}

/* date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE */
enum parse
rule_date_time(struct imap_parser *p, int64_t *out)
{
	size_t start = p->at;
	struct mail_date date;
	struct span text;

	TRY(rule_quoted(p, &text));
	if (!date_parse_imap_time(text, &date))
		return rule_settle(p, start,
		    rule_bad(p, "A date like \"17-Jul-1996 02:44:25 -0700\" is expected"));
	*out = date.unix_s;
	return PARSE_OK;
}
