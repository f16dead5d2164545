/*
 * method_search.c - Search: which messages match
 */
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/search/search.h"

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
		reply.modseq = in->want_modseq ? modseq : 0;
		method_delta(&m, in->box, NULL, &reply.delta);
	}
	uidset_release(&matches);
	method_end(&m, st);
	closure(&reply, m.call);
}
