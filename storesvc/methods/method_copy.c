/*
 * method_copy.c - Copy: COPY and MOVE
 */
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

/* A list of UIDs, in its order, as runs. */
static void
list_as_runs(struct arena *a, const uint32_t *uids, size_t count, size_t *out_count, Posthouse__Run ***out)
{
	size_t runs = 0;

	*out = ARENA_ARRAY(a, count, Posthouse__Run *);
	for (size_t i = 0; i < count; i++) {
		if (runs && (*out)[runs - 1]->last + 1 == uids[i]) {
			(*out)[runs - 1]->last++;
			continue;
		}
		(*out)[runs] = ARENA_NEW(a, Posthouse__Run);
		posthouse__run__init((*out)[runs]);
		(*out)[runs]->first = (*out)[runs]->last = uids[i];
		runs++;
	}
	*out_count = runs;
}

static struct status
copy_to(struct method *m, const Posthouse__CopyRequest *in, struct mailbox *target, Posthouse__CopyReply *reply)
{
	struct copied copied = { 0 };
	struct uidset uids;

	uidset_init(&uids);
	struct status st = method_runs(in->messages, in->n_messages, &uids) ? STATUS_FINE :
	    status_make(STATUS_INVALID, "Malformed set of messages");
	if (status_ok(st))
		st = mailbox_copy(m->box, &uids, target, in->move, m->call->request_id, method_is_retry(m), &copied);
	if (status_ok(st)) {
		reply->uidvalidity = mailbox_uidvalidity(target);
		reply->missing = copied.missing;
		list_as_runs(m->arena, copied.source, copied.count, &reply->n_source, &reply->source);
		list_as_runs(m->arena, copied.target, copied.count, &reply->n_target, &reply->target);
		method_delta(m, in->box, NULL, &reply->delta);
	}
	copied_release(&copied);
	uidset_release(&uids);
	return st;
}

void
method_copy(Posthouse__Store_Service *service, const Posthouse__CopyRequest *in,
    Posthouse__CopyReply_Closure closure, void *data)
{
	Posthouse__CopyReply reply = POSTHOUSE__COPY_REPLY__INIT;
	struct mailbox *target = NULL;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated) {
		st = method_box(&m, in->box);
		if (status_ok(st) && in->move && in->box->read_only)
			st = status_make(STATUS_DENIED, "Mailbox is read-only");
		if (status_ok(st))
			st = method_open(&m, in->to, &target);
		if (status_ok(st))
			st = copy_to(&m, in, target, &reply);
	}
	mailbox_put(&target);
	method_end(&m, st);
	closure(&reply, m.call);
}
