/*
 * admin_mailboxes.c - MailboxList: an account's mailboxes
 */
#include "storesvc/account/folders.h"
#include "storesvc/admin/store_admin.h"
#include "storesvc/mailbox/mailbox.h"

static void
fill_open(struct mailbox *box, struct arena *a, Posthouse__MailboxFacts *facts)
{
	facts->mailbox_id = arena_strdup(a, mailbox_id(box));
	facts->uidvalidity = mailbox_uidvalidity(box);
	mailbox_lock_read(box);
	facts->uidnext = mailbox_uidnext(box);
	facts->messages = mailbox_present(box)->size;
	facts->unseen = mailbox_unseen(box);
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m))
		facts->bytes += m->size_known ? m->size : 0;
	mailbox_unlock(box);
}

/* NOT_FOUND: deleted meanwhile. What else is wrong is told with the mailbox. */
static struct status
fill(struct account *account, struct arena *a, const struct folder *folder, Posthouse__MailboxFacts *facts)
{
	struct mailbox *box = NULL;
	struct status st = account_mailbox(account, folder->name, &box);

	if (status_ok(st)) {
		facts->special_use = (char *)(uintptr_t)folders_special_use(account, a, folder);
		fill_open(box, a, facts);
	} else {
		facts->trouble = arena_strdup(a, st.text);
	}
	mailbox_put(&box);
	return st;
}

static struct status
list(struct account *account, struct rpc_call *call, bool names_only, Posthouse__MailboxListReply *reply)
{
	struct folder *folders;
	size_t count;
	struct status st = folders_list(account, &call->arena, &folders, &count);

	if (!status_ok(st))
		return st;
	reply->mailboxes = ARENA_ARRAY(&call->arena, count, Posthouse__MailboxFacts *);
	for (size_t i = 0; i < count; i++) {
		Posthouse__MailboxFacts *facts = ARENA_NEW(&call->arena, Posthouse__MailboxFacts);
		if (!rpc_call_wanted(call))
			return status_make(STATUS_CANCELLED, "No longer wanted");
		posthouse__mailbox_facts__init(facts);
		facts->name = arena_strndup(&call->arena, folders[i].name.at, folders[i].name.len);
		facts->directory = (char *)(uintptr_t)folders[i].directory;
		if (names_only || fill(account, &call->arena, &folders[i], facts).code != STATUS_NOT_FOUND)
			reply->mailboxes[reply->n_mailboxes++] = facts;
	}
	return STATUS_FINE;
}

void
admin_mailbox_list(Posthouse__StoreAdmin_Service *service, const Posthouse__MailboxListRequest *in,
    Posthouse__MailboxListReply_Closure closure, void *data)
{
	Posthouse__MailboxListReply reply = POSTHOUSE__MAILBOX_LIST_REPLY__INIT;
	struct rpc_call *call = data;
	struct account *account = NULL;

	call->status = admin_enter(store_of_admin(service), in->account, &call->arena, &account);
	if (status_ok(call->status))
		call->status = list(account, call, in->names_only, &reply);
	admin_leave(&account);
	closure(&reply, call);
}
