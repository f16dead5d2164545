/*
 * method_expunge.c - Expunge: EXPUNGE, UID EXPUNGE, CLOSE, and what POP3 removes
 */
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

static struct status
expunge(struct method *m, const Posthouse__ExpungeRequest *in)
{
	struct uidset only;

	if (in->box->read_only)
		return status_make(STATUS_DENIED, "Mailbox is read-only");
	uidset_init(&only);
	struct status st = method_runs(in->only, in->n_only, &only) ? STATUS_FINE :
	    status_make(STATUS_INVALID, "Malformed set of messages");
	if (status_ok(st) && in->any_flags)
		st = mailbox_remove(m->box, &only);
	else if (status_ok(st))
		st = mailbox_expunge(m->box, in->all ? NULL : &only, NULL);
	uidset_release(&only);
	return st;
}

void
method_expunge(Posthouse__Store_Service *service, const Posthouse__ExpungeRequest *in,
    Posthouse__ExpungeReply_Closure closure, void *data)
{
	Posthouse__ExpungeReply reply = POSTHOUSE__EXPUNGE_REPLY__INIT;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated) {
		st = method_box(&m, in->box);
		if (status_ok(st))
			st = expunge(&m, in);
		if (status_ok(st))
			method_delta(&m, in->box, NULL, &reply.delta);
	}
	method_end(&m, st);
	closure(&reply, m.call);
}
