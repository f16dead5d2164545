/*
 * search_program.c - a search key made ready for many messages
 */
#include "storesvc/search/search_program.h"

#include "base/clock.h"
#include "mail/charset.h"

#define KIND(name) POSTHOUSE__SEARCH_KEY__KIND__##name
#define MOST_DEPTH 100		/* keys within keys */

struct making {
	struct arena *arena;
	struct mailbox *box;
	struct span charset;
};

static struct status make_node(struct making *m, const Posthouse__SearchKey *key, unsigned depth,
    struct search_node **out);

/* Text of the request as UTF-8. */
static struct span
decoded(struct making *m, const char *text)
{
	struct span utf8;
	struct buf b;

	if (m->charset.len == 0)
		return span_str(text);
	buf_init(&b, 0);
	charset_to_utf8(m->charset, span_str(text), &b);
	utf8 = arena_span(m->arena, buf_view(&b));
	buf_release(&b);
	return utf8;
}

static int
by_cost(const void *a, const void *b)
{
	const struct search_node *const *x = a, *const *y = b;

	return (int)(*x)->cost - (int)(*y)->cost;
}

static struct status
make_children(struct making *m, const Posthouse__SearchKey *key, unsigned depth, struct search_node *node)
{
	if (depth >= MOST_DEPTH)
		return status_make(STATUS_INVALID, "Search keys are nested too deeply");
	if (key->n_children == 0)
		return status_make(STATUS_INVALID, "Search key without keys in it");
	node->children = ARENA_ARRAY(m->arena, key->n_children, struct search_node *);
	for (size_t i = 0; i < key->n_children; i++) {
		struct status st = make_node(m, key->children[i], depth + 1, &node->children[i]);
		if (!status_ok(st))
			return st;
		node->count++;
		if (node->children[i]->cost > node->cost)
			node->cost = node->children[i]->cost;
	}
	qsort(node->children, node->count, sizeof(*node->children), by_cost);
	return STATUS_FINE;
}

static struct status
make_uids(const Posthouse__SearchKey *key, struct search_node *node)
{
	for (size_t i = 0; i < key->n_uids; i++) {
		const Posthouse__Run *run = key->uids[i];
		if (run->first == 0 || run->last < run->first)
			return status_make(STATUS_INVALID, "Bad message set");
		uidset_add(&node->uids, run->first, run->last);
	}
	return STATUS_FINE;
}

static void
make_flag(struct making *m, struct span name, struct search_node *node)
{
	static const struct {
		const char *name;
		uint64_t letters;
	} system[] = {
		{ "\\Seen", FLAG_SEEN }, { "\\Answered", FLAG_ANSWERED }, { "\\Flagged", FLAG_FLAGGED },
		{ "\\Deleted", FLAG_DELETED }, { "\\Draft", FLAG_DRAFT },
	};

	node->keyword = -1;
	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		if (span_eq_nocase(name, span_str(system[i].name)))
			node->letters = system[i].letters;
	if (span_eq_nocase(name, SPAN_LIT("\\Recent")))
		node->kind = KIND(RECENT);
	if (name.len == 0 || name.at[0] == '\\')
		return;
	mailbox_lock_read(m->box);
	int64_t keyword = mailbox_keyword(m->box, name);
	mailbox_unlock(m->box);
	if (keyword >= 0 && keyword < KEYWORD_LETTERS)
		node->letters = FLAG_KEYWORD(keyword);
	else
		node->keyword = keyword;
}

static struct status
make_node(struct making *m, const Posthouse__SearchKey *key, unsigned depth, struct search_node **out)
{
	struct search_node *node = ARENA_NEW(m->arena, struct search_node);

	*out = node;
	node->kind = key->kind;
	node->number = key->number;
	uidset_init(&node->uids);
	switch (key->kind) {
	case KIND(AND): case KIND(OR): case KIND(NOT):
		return make_children(m, key, depth, node);
	case KIND(UIDS):
		return make_uids(key, node);
	case KIND(FLAG):
		make_flag(m, span_str(key->text), node);
		return STATUS_FINE;
	case KIND(HEADER): case KIND(ADDRESS):
		node->cost = SEARCH_CACHE;
		node->field = span_str(key->field);
		node->needle = needle_new(m->arena, decoded(m, key->text));
		return STATUS_FINE;
	case KIND(BODY): case KIND(TEXT):
		node->cost = SEARCH_FILE;
		node->needle = needle_new(m->arena, decoded(m, key->text));
		return STATUS_FINE;
	case KIND(SENTBEFORE): case KIND(SENTON): case KIND(SENTSINCE):
		node->cost = SEARCH_CACHE;
		return STATUS_FINE;
	case KIND(ALL): case KIND(BEFORE): case KIND(ON): case KIND(SINCE): case KIND(LARGER):
	case KIND(SMALLER): case KIND(MODSEQ): case KIND(RECENT): case KIND(OLDER): case KIND(YOUNGER):
		return STATUS_FINE;
	default:
		return status_make(STATUS_INVALID, "Unknown search key");
	}
}

struct status
search_program_make(struct arena *a, struct mailbox *box, const Posthouse__SearchRequest *in,
    struct search_program *out)
{
	struct making m = { .arena = a, .box = box, .charset = span_str(in->charset) };
	static const Posthouse__SearchKey all = POSTHOUSE__SEARCH_KEY__INIT;

	*out = (struct search_program){
		.recent = in->box ? in->box->recent : NULL,
		.recent_count = in->box ? in->box->n_recent : 0,
		.now = clock_wall_s(),
	};
	if (!charset_known(m.charset))
		return status_make(STATUS_INVALID, "BADCHARSET");
	return make_node(&m, in->key ? in->key : &all, 0, &out->root);
}

static void
release_node(struct search_node *node)
{
	if (!node)
		return;
	uidset_release(&node->uids);
	for (size_t i = 0; i < node->count; i++)
		release_node(node->children[i]);
}

void
search_program_release(struct search_program *p)
{
	release_node(p->root);
	p->root = NULL;
}
