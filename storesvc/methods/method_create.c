/*
 * method_create.c - Create: a new mailbox
 */
#include "storesvc/account/folders.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

/* RFC 6154: what CREATE (USE (...)) may ask for. */
static bool
use_is_known(const char *use)
{
	static const char *const known[] = {
		"", "\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash", "\\Important",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(use, known[i]) == 0)
			return true;
	}
	return false;
}

static struct status
create(struct method *m, const Posthouse__CreateRequest *in, Posthouse__CreateReply *reply)
{
	const char *id = "", *request = m->call->request_id;
	struct span name;
	struct status st = method_name(m, in->mailbox, &name);

	if (!status_ok(st))
		return st;
	if (!use_is_known(in->special_use))
		return status_make(STATUS_INVALID, "Special use is not supported");
	st = folders_create(m->account, name, in->special_use, request ? request : "", &id, m->arena);
	reply->mailbox_id = (char *)id;
	return st;
}

void
method_create(Posthouse__Store_Service *service, const Posthouse__CreateRequest *in,
    Posthouse__CreateReply_Closure closure, void *data)
{
	Posthouse__CreateReply reply = POSTHOUSE__CREATE_REPLY__INIT;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated)
		st = create(&m, in, &reply);
	method_end(&m, st);
	closure(&reply, m.call);
}
