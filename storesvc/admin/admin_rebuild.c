/*
 * admin_rebuild.c - MailboxRebuild: forget what is only kept to be quick
 *
 * Index, journal and cache are taken away while the mailbox is closed, and it is read from its directory again. UIDs are
 * in the names and stay; MODSEQs go on above the floor, so sessions that have it selected are told what they
 * need as after a restart of the store.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "storesvc/account/boxes.h"
#include "storesvc/admin/store_admin.h"
#include "storesvc/cache/cache.h"
#include "storesvc/fence/fence.h"
#include "storesvc/mailbox/journal_format.h"
#include "storesvc/mailbox/mailbox_open.h"
#include "storesvc/maildir/path.h"

#define WAIT_MS 10000			/* for whoever uses it */

struct rebuild {
	struct arena *arena;
	Posthouse__MailboxRebuildReply *reply;
};

static void
forget(void *arg, int dir)
{
	static const char *const files[] = {
		INDEX_FILE, INDEX_FILE ".new", JOURNAL_FILE, CACHE_FILE, CACHE_FILE ".new",
	};
	struct rebuild *r = arg;
	size_t count = sizeof(files) / sizeof(files[0]);

	r->reply->removed = ARENA_ARRAY(r->arena, count, char *);
	fence_check();
	for (size_t i = 0; i < count; i++) {
		if (unlinkat(dir, files[i], 0) == 0)
			r->reply->removed[r->reply->n_removed++] = (char *)(uintptr_t)files[i];
		else if (errno != ENOENT)
			log_warn("cannot remove %s: %m", files[i]);
	}
}

static struct status
rebuild(struct store *store, struct account *account, struct span name, struct rpc_call *call,
    Posthouse__MailboxRebuildReply *reply)
{
	struct rebuild r = { &call->arena, reply };
	struct mailbox *box = NULL;
	struct status st = boxes_reset(store->boxes, account, name, clock_mono_ms() + WAIT_MS, forget, &r);

	if (status_ok(st))
		st = account_mailbox(account, name, &box);
	if (status_ok(st)) {
		mailbox_lock_read(box);
		reply->messages = mailbox_present(box)->size;
		mailbox_unlock(box);
	}
	mailbox_put(&box);
	return st;
}

void
admin_mailbox_rebuild(Posthouse__StoreAdmin_Service *service, const Posthouse__MailboxRebuildRequest *in,
    Posthouse__MailboxRebuildReply_Closure closure, void *data)
{
	Posthouse__MailboxRebuildReply reply = POSTHOUSE__MAILBOX_REBUILD_REPLY__INIT;
	struct store *store = store_of_admin(service);
	struct rpc_call *call = data;
	struct account *account = NULL;
	struct status st = path_check_name(span_str(in->mailbox));

	if (status_ok(st))
		st = admin_enter(store, in->account, &call->arena, &account);
	if (status_ok(st))
		st = rebuild(store, account, path_canonical(&call->arena, span_str(in->mailbox)), call, &reply);
	admin_leave(&account);
	call->status = st;
	closure(&reply, call);
}
