/*
 * search.c - which messages of a mailbox match
 */
#include "storesvc/search/search.h"

#include "storesvc/search/search_match.h"
#include "storesvc/search/search_threads.h"

#define AT_ONCE 4096		/* messages tried under one lock */

/* What memory says of each message: a match, or one to look at. */
struct sorting {
	struct mailbox *box;
	const struct search_program *program;
	struct uidset matches;
	uint64_t modseq;		/* highest of the matches */
	struct search_list unknown;
};

static void
add_match(struct sorting *s, struct uidset *to, const struct message_view *v)
{
	uidset_add(to, v->uid, v->uid);
	if (v->modseq > s->modseq)
		s->modseq = v->modseq;
}

static void
sort_message(struct sorting *s, const struct message *m)
{
	struct search_list *unknown = &s->unknown;
	struct message_view v;

	message_view_take(&v, s->box, m);
	switch (search_match_memory(s->program, &v)) {
	case SEARCH_YES:
		add_match(s, &s->matches, &v);
		break;
	case SEARCH_UNKNOWN:
		MEM_GROW(unknown->at, unknown->count, &unknown->room);
		unknown->at[unknown->count++] = (struct search_candidate){ .v = v };
		break;
	case SEARCH_NO:
		break;
	}
}

/* One run of the request. The lock is let go of now and then. */
static void
sort_run(struct sorting *s, const Posthouse__Run *run)
{
	uint64_t from = run->first;

	while (from <= run->last) {
		unsigned done = 0;
		const struct message *m;
		mailbox_lock_read(s->box);
		for (m = mailbox_from(s->box, (uint32_t)from); m && m->uid <= run->last && done < AT_ONCE;
		    m = mailbox_after(s->box, m), done++) {
			sort_message(s, m);
			from = (uint64_t)m->uid + 1;
		}
		bool more = m && m->uid <= run->last;
		mailbox_unlock(s->box);
		if (!more)
			return;
	}
}

/* False: nobody wants to know any more. */
static bool
look_at_unknown(struct sorting *s, const struct rpc_call *call)
{
	struct uidset found;

	if (!search_threads_run(s->box, s->program, call, &s->unknown))
		return false;
	uidset_init(&found);
	for (size_t i = 0; i < s->unknown.count; i++)
		if (s->unknown.at[i].matches)
			add_match(s, &found, &s->unknown.at[i].v);
	uidset_add_all(&s->matches, &found);
	uidset_release(&found);
	return true;
}

struct status
search_run(struct mailbox *box, const Posthouse__SearchRequest *in, struct arena *a,
    const struct rpc_call *call, struct uidset *matches, uint64_t *out_modseq)
{
	struct search_program program;
	struct sorting s = { .box = box, .program = &program };
	struct status st = search_program_make(a, box, in, &program);

	uidset_init(&s.matches);
	for (size_t i = 0; status_ok(st) && i < in->n_within; i++)
		sort_run(&s, in->within[i]);
	if (status_ok(st) && s.unknown.count && !look_at_unknown(&s, call))
		st = status_make(STATUS_CANCELLED, "Search was given up");
	if (status_ok(st)) {
		uidset_add_all(matches, &s.matches);
		*out_modseq = s.modseq;
	}
	free(s.unknown.at);
	uidset_release(&s.matches);
	search_program_release(&program);
	return st;
}
