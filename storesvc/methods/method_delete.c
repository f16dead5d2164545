/*
 * method_delete.c - Delete: a mailbox and its messages; those below it stay
 */
#include "storesvc/account/folders.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

void
method_delete(Posthouse__Store_Service *service, const Posthouse__DeleteRequest *in,
    Posthouse__DeleteReply_Closure closure, void *data)
{
	Posthouse__DeleteReply reply = POSTHOUSE__DELETE_REPLY__INIT;
	struct span name;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated) {
		st = method_name(&m, in->mailbox, &name);
		if (status_ok(st))
			st = folders_delete(m.account, name, method_is_retry(&m));
	}
	method_end(&m, st);
	closure(&reply, m.call);
}
