/*
 * method_search.c - Search: which messages match
 */
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/search/search.h"

/* The message's MODSEQ, unless it is gone by now: then the matches' highest, which promises no less. Lock held. */
static uint64_t
modseq_of(struct mailbox *box, uint32_t uid, uint64_t highest)
{
	const struct message *m = mailbox_find(box, uid);

	return m ? m->modseq : highest;
}

/* RFC 4731 3.2: the client may have asked for the first or the last match alone. */
static void
tell_modseqs(struct mailbox *box, const struct uidset *matches, uint64_t highest, Posthouse__SearchReply *reply)
{
	reply->modseq = highest;
	if (!matches->count)
		return;
	mailbox_lock_read(box);
	reply->first_modseq = modseq_of(box, matches->runs[0].first, highest);
	reply->last_modseq = modseq_of(box, uidset_max(matches), highest);
	mailbox_unlock(box);
}

void
method_search(Posthouse__Store_Service *service, const Posthouse__SearchRequest *in,
    Posthouse__SearchReply_Closure closure, void *data)
{
	Posthouse__SearchReply reply = POSTHOUSE__SEARCH_REPLY__INIT;
	struct method m;
	struct uidset matches;
	uint64_t modseq = 0;
	struct status st = method_begin(&m, service, data);

	uidset_init(&matches);
	if (status_ok(st))
		st = method_box(&m, in->box);
	if (status_ok(st))
		st = search_run(m.box, in, m.arena, m.call, &matches, &modseq);
	if (status_ok(st)) {
		method_runs_reply(m.arena, &matches, false, &reply.n_matches, &reply.matches);
		if (in->want_modseq)
			tell_modseqs(m.box, &matches, modseq, &reply);
		method_delta(&m, in->box, NULL, &reply.delta);
	}
	uidset_release(&matches);
	method_end(&m, st);
	closure(&reply, m.call);
}
