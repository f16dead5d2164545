/*
 * method_status.c - Status: a mailbox's figures without selecting it
 */
#include "storesvc/methods/mailbox_status.h"
#include "storesvc/methods/methods.h"

void
method_status(Posthouse__Store_Service *service, const Posthouse__StatusRequest *in,
    Posthouse__StatusReply_Closure closure, void *data)
{
	Posthouse__StatusReply reply = POSTHOUSE__STATUS_REPLY__INIT;
	struct method m;
	struct status st = method_begin(&m, service, data);

	if (status_ok(st))
		st = method_open(&m, in->mailbox, &m.box);
	if (status_ok(st))
		st = mailbox_status(&m, m.box, in->items, &reply);
	method_end(&m, st);
	closure(&reply, m.call);
}
