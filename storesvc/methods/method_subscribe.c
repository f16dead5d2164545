/*
 * method_subscribe.c - Subscribe: put a name on the list, or take it off
 *
 * The name need not be a mailbox's (RFC 9051 6.3.7).
 */
#include "storesvc/account/subscriptions.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

void
method_subscribe(Posthouse__Store_Service *service, const Posthouse__SubscribeRequest *in,
    Posthouse__SubscribeReply_Closure closure, void *data)
{
	Posthouse__SubscribeReply reply = POSTHOUSE__SUBSCRIBE_REPLY__INIT;
	struct span name;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated) {
		st = method_name(&m, in->mailbox, &name);
		if (status_ok(st))
			st = subscriptions_set(m.account, name, in->subscribed);
	}
	method_end(&m, st);
	closure(&reply, m.call);
}
