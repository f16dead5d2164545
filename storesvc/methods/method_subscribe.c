/*
 * method_subscribe.c - Subscribe: put a name on the list, or take it off
 *
 * A name that is no mailbox's can be taken off, for subscriptions outlive mailboxes. It is put on only
 * when SUBSCRIBE_MISSING says so: RFC 9051 6.3.7 leaves it open whether a server checks.
 */
#include <unistd.h>

#include "storesvc/account/folders.h"
#include "storesvc/account/subscriptions.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/store.h"

static struct status
check_exists(struct method *m, struct span name)
{
	int dir;
	struct status st = folders_open(m->account, name, &dir);

	if (status_ok(st))
		close(dir);
	return st;
}

static struct status
subscribe(struct method *m, const Posthouse__SubscribeRequest *in)
{
	struct span name;
	struct status st = method_name(m, in->mailbox, &name);

	if (status_ok(st) && in->subscribed && !m->store->config.subscribe_missing)
		st = check_exists(m, name);
	return status_ok(st) ? subscriptions_set(m->account, name, in->subscribed) : st;
}

void
method_subscribe(Posthouse__Store_Service *service, const Posthouse__SubscribeRequest *in,
    Posthouse__SubscribeReply_Closure closure, void *data)
{
	Posthouse__SubscribeReply reply = POSTHOUSE__SUBSCRIBE_REPLY__INIT;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated)
		st = subscribe(&m, in);
	method_end(&m, st);
	closure(&reply, m.call);
}
