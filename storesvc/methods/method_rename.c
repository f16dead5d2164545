/*
 * method_rename.c - Rename: a mailbox and all below it
 *
 * UIDs and UIDVALIDITY are kept, and sessions that have it selected go on. INBOX
 * itself stays: its messages move to the new mailbox (RFC 9051 6.3.6).
 */
#include "storesvc/account/folders.h"
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

static struct status
empty_inbox(struct method *m, struct span to)
{
	const char *id, *request = m->call->request_id;
	struct mailbox *inbox = NULL, *target = NULL;
	struct copied copied = { 0 };
	struct uidset all;

	uidset_init(&all);
	uidset_add(&all, 1, UINT32_MAX - 1);
	struct status st = folders_create(m->account, to, "", request ? request : "", &id, m->arena);
	if (status_ok(st))
		st = account_mailbox(m->account, SPAN_LIT("INBOX"), &inbox);
	if (status_ok(st))
		st = account_mailbox(m->account, to, &target);
	if (status_ok(st))
		st = mailbox_copy(inbox, &all, target, true, NULL, false, &copied);
	mailbox_put(&inbox);
	mailbox_put(&target);
	copied_release(&copied);
	uidset_release(&all);
	return st;
}

static struct status
rename_mailbox(struct method *m, const Posthouse__RenameRequest *in)
{
	struct span from, to;
	struct status st = method_name(m, in->from, &from);

	if (status_ok(st))
		st = method_name(m, in->to, &to);
	if (!status_ok(st))
		return st;
	if (span_eq(from, SPAN_LIT("INBOX")))
		return empty_inbox(m, to);
	return folders_rename(m->account, from, to, method_is_retry(m));
}

void
method_rename(Posthouse__Store_Service *service, const Posthouse__RenameRequest *in,
    Posthouse__RenameReply_Closure closure, void *data)
{
	Posthouse__RenameReply reply = POSTHOUSE__RENAME_REPLY__INIT;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated)
		st = rename_mailbox(&m, in);
	method_end(&m, st);
	closure(&reply, m.call);
}
