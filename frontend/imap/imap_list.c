/*
 * imap_list.c - from storesvc's candidates to LIST lines
 *
 * Each candidate, and for recursive lists each of its ancestors, has a row. A first pass over
 * the candidates fills the rows, a second one prints those that are shown.
 */
#include "frontend/imap/imap_list.h"

#include "base/map.h"
#include "frontend/imap/imap_status_items.h"
#include "mail/imap_string.h"

struct row {
	struct row *next;
	struct span visible;
	const Posthouse__ListEntry *entry;	/* NULL: a level that storesvc did not name */
	bool meets;			/* the criteria                                     */
	bool below;			/* a descendant meets them                          */
	bool hidden;			/* ... and does not match a pattern                 */
};

struct rows {
	const struct imap_list *list;
	struct arena *arena;
	struct map by_name;
	struct row *first, **end;	/* in the order they were met */
	bool other_than_inbox;
};

static bool
inbox_is_root(const struct imap_names *names)
{
	return span_starts_nocase(names->prefix, SPAN_LIT("INBOX"));
}

static bool
matches(const struct imap_list *list, struct span visible)
{
	for (size_t i = 0; i < list->patterns.count; i++)
		if (imap_names_match(&list->names, list->patterns.items[i], visible))
			return true;
	return false;
}

bool
imap_list_ask(const struct imap_list *list, struct arena *a, Posthouse__ListRequest *out)
{
	posthouse__list_request__init(out);
	out->patterns = ARENA_ARRAY(a, list->patterns.count + 1, char *);
	for (size_t i = 0; i < list->patterns.count; i++)
		if (imap_names_pattern(&list->names, a, list->patterns.items[i], list->recursive,
		    &out->patterns[out->n_patterns]))
			out->n_patterns++;
	/* Where all else is below INBOX, its \HasChildren depends on all else. */
	if (!list->lsub && inbox_is_root(&list->names) && matches(list, SPAN_LIT("INBOX")))
		out->patterns[out->n_patterns++] = arena_strdup(a, "%");
	out->subscribed_only = list->subscribed;
	out->want_parents = list->recursive;
	out->want_status = list->status_items != 0;
	out->status_items = list->status_items;
	return out->n_patterns != 0;
}

static struct row *
row_of(struct rows *r, struct span visible)
{
	struct row *row = map_find(&r->by_name, visible);

	if (row)
		return row;
	row = ARENA_NEW(r->arena, struct row);
	row->visible = visible;
	(void)map_put(&r->by_name, visible, row);
	*r->end = row;
	r->end = &row->next;
	return row;
}

static bool
meets(const struct imap_list *list, const Posthouse__ListEntry *e)
{
	if (list->subscribed && !e->subscribed)
		return false;
	if (list->special_use && !*e->special_use)
		return false;
	return list->subscribed || e->exists || e->has_children;
}

/* The levels above a name that meets the criteria. */
static void
mark_ancestors(struct rows *r, const struct row *row)
{
	bool hidden = !matches(r->list, row->visible);
	char separator = r->list->names.separator;

	for (size_t i = row->visible.len; i-- > 1;) {
		if (row->visible.at[i] != separator)
			continue;
		struct row *above = row_of(r, span_head(row->visible, i));
		above->below = true;
		above->hidden = above->hidden || hidden;
	}
}

static void
add_candidate(struct rows *r, const Posthouse__ListEntry *e)
{
	struct span visible;

	if (!imap_names_visible(&r->list->names, r->arena, e->name, &visible))
		return;
	if (!span_eq(visible, SPAN_LIT("INBOX")))
		r->other_than_inbox = true;

	struct row *row = row_of(r, visible);
	row->entry = e;
	row->meets = meets(r->list, e);
	if (row->meets && r->list->recursive)
		mark_ancestors(r, row);
}

static void
add_word(struct buf *b, const char **before, const char *word)
{
	buf_printf(b, "%s%s", *before, word);
	*before = " ";
}

static bool
has_children(const struct rows *r, const struct row *row)
{
	if (inbox_is_root(&r->list->names) && span_eq(row->visible, SPAN_LIT("INBOX")) && r->other_than_inbox)
		return true;
	return row->below || (row->entry && row->entry->has_children);
}

/* LSUB knows one attribute, with a meaning of its own: not subscribed, but something below is (RFC 3501 6.3.9). */
static void
print_attributes(const struct rows *r, const struct row *row, struct buf *b)
{
	const struct imap_list *list = r->list;
	const Posthouse__ListEntry *e = row->entry;
	const char *before = "";

	if (list->lsub) {
		if (!row->meets)
			add_word(b, &before, "\\Noselect");
		return;
	}
	if (e == NULL || !e->exists)
		add_word(b, &before, list->extended ? "\\NonExistent" : "\\Noselect");
	if (e && e->subscribed && (list->subscribed || list->return_subscribed))
		add_word(b, &before, "\\Subscribed");
	add_word(b, &before, has_children(r, row) ? "\\HasChildren" : "\\HasNoChildren");
	if (e && *e->special_use)
		add_word(b, &before, e->special_use);
}

/* "* LIST (\HasNoChildren) "/" "Sent"", and what follows it */
static void
print_row(const struct rows *r, const struct row *row, struct buf *b)
{
	const struct imap_list *list = r->list;

	buf_str(b, list->lsub ? "* LSUB (" : "* LIST (");
	print_attributes(r, row, b);
	buf_printf(b, ") \"%c\" ", list->names.separator);
	imap_string(b, row->visible);
	if (!list->lsub && list->recursive && row->below)
		buf_printf(b, " (\"CHILDINFO\" (\"%s\"))", list->subscribed ? "SUBSCRIBED" : "SPECIAL-USE");
	buf_str(b, "\r\n");
	if (list->status_items && row->entry && row->entry->exists && row->entry->status) {
		buf_str(b, "* ");
		imap_print_status(b, row->visible, list->status_items, row->entry->status);
		buf_str(b, "\r\n");
	}
}

/* A prefix that is no mailbox is a level that cannot be selected. */
static void
print_prefix(const struct imap_list *list, struct buf *b)
{
	struct span prefix = list->names.prefix;

	if (prefix.len == 0 || inbox_is_root(&list->names) || list->subscribed || list->special_use)
		return;
	prefix.len--;
	if (!matches(list, prefix))
		return;
	buf_printf(b, "* LIST (%s \\HasChildren) \"%c\" ", list->extended ? "\\NonExistent" : "\\Noselect",
	    list->names.separator);
	imap_string(b, prefix);
	buf_str(b, "\r\n");
}

void
imap_list_show(const struct imap_list *list, struct arena *a, const Posthouse__ListReply *reply,
    struct buf *out)
{
	struct rows r = { .list = list, .arena = a };

	r.end = &r.first;
	map_init(&r.by_name);
	for (size_t i = 0; i < reply->n_entries; i++)
		add_candidate(&r, reply->entries[i]);
	print_prefix(list, out);
	for (const struct row *row = r.first; row; row = row->next)
		if ((row->meets || (list->recursive && row->hidden)) && matches(list, row->visible))
			print_row(&r, row, out);
	map_release(&r.by_name);
}
