/*
 * method_fetch.c - Fetch: the next piece of FETCH answers
 */
#include "storesvc/fetch/fetch.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

/*
 * VANISHED (EARLIER): what is gone since then. When the log does not reach back,
 * all UIDs that are not there: the client knows which of them it had.
 */
static void
find_vanished(struct method *m, uint64_t since, Posthouse__FetchReply *reply)
{
	struct uidset vanished;

	uidset_init(&vanished);
	mailbox_lock_read(m->box);
	if (!mailbox_vanished(m->box, since, &vanished)) {
		uidset_clear(&vanished);
		if (mailbox_uidnext(m->box) > 1)
			uidset_add(&vanished, 1, mailbox_uidnext(m->box) - 1);
		uidset_remove_all(&vanished, mailbox_present(m->box));
	}
	mailbox_unlock(m->box);
	method_runs_reply(m->arena, &vanished, false, &reply->n_vanished, &reply->vanished);
	uidset_release(&vanished);
}

/* Read behind the answers, so that all keywords they name are among these. */
static void
add_keywords(struct method *m, const Posthouse__FetchRequest *in, Posthouse__FetchReply *reply)
{
	mailbox_lock_read(m->box);
	method_keywords(m, m->box, in->box->keyword_count, &reply->n_keywords, &reply->keywords);
	mailbox_unlock(m->box);
}

static bool
is_first_pull(const Posthouse__FetchRequest *in)
{
	return !in->cursor || (in->cursor->uid == 0 && in->cursor->item == 0);
}

void
method_fetch(Posthouse__Store_Service *service, const Posthouse__FetchRequest *in,
    Posthouse__FetchReply_Closure closure, void *data)
{
	Posthouse__FetchReply reply = POSTHOUSE__FETCH_REPLY__INIT;
	struct own_changes own = { 0 };
	struct method m;
	struct status st = method_begin(&m, service, data);

	uidset_init(&own.uids);
	if (status_ok(st))
		st = method_box(&m, in->box);
	if (status_ok(st) && in->want_vanished && is_first_pull(in))
		find_vanished(&m, in->changed_since, &reply);
	if (status_ok(st))
		st = fetch_pull(m.box, in, m.arena, &m.call->send, &reply, &own.uids, &own.last);
	if (status_ok(st))
		add_keywords(&m, in, &reply);
	if (status_ok(st) && !reply.more)
		method_delta(&m, in->box, &own, &reply.delta);
	if (!status_ok(st))
		rpc_attachment_release(&m.call->send);
	uidset_release(&own.uids);
	method_end(&m, st);
	closure(&reply, m.call);
}
