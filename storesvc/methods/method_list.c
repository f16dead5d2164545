/*
 * method_list.c - List: LIST and LSUB
 *
 * Names come from three places: folders, subscriptions, and the parents of
 * either, which need not be mailboxes themselves. All are brought together by
 * name first; then the patterns and the selection decide.
 */
#include "storesvc/account/folders.h"
#include "storesvc/account/pattern.h"
#include "storesvc/account/subscriptions.h"
#include "storesvc/methods/mailbox_status.h"
#include "storesvc/methods/methods.h"

#define PATTERNS_MOST 64

/* What is known of one name. */
struct node {
	struct span name;
	const struct folder *folder;	/* NULL: no mailbox */
	bool subscribed, has_children, child_subscribed;
};

struct listing_work {
	struct method *m;
	const Posthouse__ListRequest *in;
	struct map by_name;
	struct node **nodes;
	size_t count, room;
};

static struct node *
node_of(struct listing_work *w, struct span name)
{
	struct node *node = map_find(&w->by_name, name);

	if (!node) {
		node = ARENA_NEW(w->m->arena, struct node);
		node->name = name;
		(void)map_put(&w->by_name, name, node);
		MEM_GROW(w->nodes, w->count, &w->room);
		w->nodes[w->count++] = node;
	}
	return node;
}

/* Tell all above a name what is below them. */
static void
mark_parents(struct listing_work *w, struct span name, bool child, bool subscribed)
{
	for (size_t slash = span_rindex(name, '/'); slash < name.len; slash = span_rindex(name, '/')) {
		name = span_head(name, slash);
		struct node *parent = node_of(w, name);
		parent->has_children |= child;
		parent->child_subscribed |= subscribed;
	}
}

static struct status
gather(struct listing_work *w)
{
	struct folder *folders;
	struct map subscriptions;
	struct span name;
	size_t count, at = 0;
	struct status st = folders_list(w->m->account, w->m->arena, &folders, &count);

	if (!status_ok(st))
		return st;
	for (size_t i = 0; i < count; i++) {
		node_of(w, folders[i].name)->folder = &folders[i];
		mark_parents(w, folders[i].name, true, false);
	}
	st = subscriptions_read(w->m->account, w->m->arena, &subscriptions);
	/* A file of subscriptions that will stay unreadable takes nobody's folders away. */
	if (!w->in->subscribed_only && st.code != STATUS_UNAVAILABLE && !status_ok(st))
		st = STATUS_FINE;
	while (status_ok(st) && map_next(&subscriptions, &at, &name)) {
		struct span copy = arena_span(w->m->arena, name);
		node_of(w, copy)->subscribed = true;
		mark_parents(w, copy, false, true);
	}
	map_release(&subscriptions);
	return st;
}

static bool
matches(const Posthouse__ListRequest *in, struct span name)
{
	for (size_t i = 0; i < in->n_patterns; i++) {
		if (pattern_match(span_str(in->patterns[i]), name))
			return true;
	}
	return false;
}

/* Does it belong into the answer, and *by_itself or only for what is below it? */
static bool
is_selected(const Posthouse__ListRequest *in, const struct node *node, bool *by_itself)
{
	if (in->subscribed_only) {
		*by_itself = node->subscribed;
		return node->subscribed || (in->want_parents && node->child_subscribed);
	}
	*by_itself = node->folder != NULL;
	return node->folder || node->has_children;
}

static struct status
add_status(struct listing_work *w, struct span name, Posthouse__ListEntry *entry)
{
	struct mailbox *box = NULL;
	struct status st = account_mailbox(w->m->account, name, &box);

	if (status_ok(st)) {
		Posthouse__StatusReply *figures = ARENA_NEW(w->m->arena, Posthouse__StatusReply);
		posthouse__status_reply__init(figures);
		st = mailbox_status(w->m, box, w->in->status_items, figures);
		entry->status = figures;
	}
	mailbox_put(&box);
	/* Deleted since the directory was read: as if it had not been there. */
	return st.code == STATUS_NOT_FOUND ? STATUS_FINE : st;
}

static struct status
make_entry(struct listing_work *w, const struct node *node, bool by_itself, Posthouse__ListEntry **out)
{
	Posthouse__ListEntry *entry = ARENA_NEW(w->m->arena, Posthouse__ListEntry);

	posthouse__list_entry__init(entry);
	entry->name = arena_strndup(w->m->arena, node->name.at, node->name.len);
	entry->exists = node->folder != NULL;
	entry->has_children = node->has_children;
	entry->subscribed = node->subscribed;
	entry->child_subscribed = node->child_subscribed;
	entry->matched = by_itself;
	if (node->folder)
		entry->special_use = (char *)folders_special_use(w->m->account, w->m->arena, node->folder);
	*out = entry;
	return w->in->want_status && node->folder ? add_status(w, node->name, entry) : STATUS_FINE;
}

static int
by_name(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;

	return span_cmp((*x)->name, (*y)->name);
}

static struct status
list(struct listing_work *w, Posthouse__ListReply *reply)
{
	struct status st = gather(w);
	bool by_itself;

	if (!status_ok(st))
		return st;
	qsort(w->nodes, w->count, sizeof(*w->nodes), by_name);
	reply->entries = ARENA_ARRAY(w->m->arena, w->count, Posthouse__ListEntry *);
	for (size_t i = 0; i < w->count && status_ok(st); i++) {
		const struct node *node = w->nodes[i];
		if (matches(w->in, node->name) && is_selected(w->in, node, &by_itself))
			st = make_entry(w, node, by_itself, &reply->entries[reply->n_entries++]);
	}
	return st;
}

void
method_list(Posthouse__Store_Service *service, const Posthouse__ListRequest *in,
    Posthouse__ListReply_Closure closure, void *data)
{
	Posthouse__ListReply reply = POSTHOUSE__LIST_REPLY__INIT;
	struct method m;
	struct listing_work w = { .m = &m, .in = in };
	struct status st = method_begin(&m, service, data);

	map_init(&w.by_name);
	if (status_ok(st) && in->n_patterns > PATTERNS_MOST)
		st = status_make(STATUS_INVALID, "Too many patterns");
	if (status_ok(st))
		st = list(&w, &reply);
	map_release(&w.by_name);
	free(w.nodes);
	method_end(&m, st);
	closure(&reply, m.call);
}
