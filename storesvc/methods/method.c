/*
 * method.c - what all of Store's methods begin and end with
 */
#include "storesvc/methods/method.h"

#include "base/clock.h"
#include "base/log.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/boxes.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/path.h"
#include "storesvc/methods/request_memory.h"
#include "storesvc/store.h"
#include "ticket/ticket.h"

struct status
method_begin(struct method *m, Posthouse__Store_Service *service, void *data)
{
	fence_check();
	*m = (struct method){ .call = data, .store = store_of_service(service) };
	m->arena = &m->call->arena;
	struct status st = ticket_verify(m->store->tickets, m->arena, m->call->ticket, clock_wall_s(), &m->ticket);
	if (!status_ok(st))
		return st;
	if (strcmp(m->ticket->store, m->store->config.store_name) != 0)
		return status_make(STATUS_DENIED, "The account is on another store");
	st = account_open(m->store, m->ticket, &m->account);
	if (status_ok(st) && !account_enter(m->account)) {
		account_put(&m->account);
		st = status_make(STATUS_DENIED, "This store cannot work as another user");
	}
	return st;
}

struct status
method_begin_change(struct method *m, Posthouse__Store_Service *service, void *data, ProtobufCMessage *reply)
{
	struct status st = method_begin(m, service, data);
	struct request *known;

	m->reply = reply;
	if (!status_ok(st) || !m->call->request_id || !m->call->request_id[0])
		return st;
	char *name = arena_printf(m->arena, "%s\n%s", m->ticket->account, m->call->request_id);
	st = request_begin(m->store->requests, span_str(name), m->call->deadline, &m->request, &known);
	if (!status_ok(st) || !known)
		return st;
	m->repeated = true;
	st = request_answer(known, m->call, reply);
	request_put(m->store->requests, &known);
	return st;
}

struct status
method_name(struct method *m, const char *name, struct span *out)
{
	struct status st = path_check_name(span_str(name));

	if (status_ok(st))
		*out = path_canonical(m->arena, span_str(name));
	return st;
}

struct status
method_open(struct method *m, const char *name, struct mailbox **out)
{
	struct span canonical;
	struct status st = method_name(m, name, &canonical);

	return status_ok(st) ? account_mailbox(m->account, canonical, out) : st;
}

/* A session goes on with its mailbox when somebody renames it: then it is found by its id. */
struct status
method_box(struct method *m, const Posthouse__MailboxRef *ref)
{
	if (!ref)
		return status_make(STATUS_INVALID, "No mailbox is named");
	struct status st = method_open(m, ref->mailbox, &m->box);
	if (!ref->mailbox_id[0] || (status_ok(st) && strcmp(mailbox_id(m->box), ref->mailbox_id) == 0))
		return st;
	if (!status_ok(st) && st.code != STATUS_NOT_FOUND)
		return st;
	mailbox_put(&m->box);
	m->box = boxes_find_id(m->store->boxes, m->account, ref->mailbox_id);
	if (m->box)
		return STATUS_FINE;
	return status_ok(st) ? status_make(STATUS_CONFLICT, "The mailbox is another one now") : st;
}

void
method_end(struct method *m, struct status st)
{
	mailbox_put(&m->box);
	/* With room made, the call may succeed when it is repeated. */
	if (st.code == STATUS_UNAVAILABLE && boxes_relieve(m->store->boxes, m->account))
		log_debug("a call failed for want of descriptors");
	fence_check();			/* what is answered was ours to do */
	if (m->account)
		account_leave(m->account);
	if (m->request)
		request_end(m->store->requests, &m->request, st, m->reply, m->call->send.bytes);
	account_put(&m->account);
	m->call->status = st;
}
