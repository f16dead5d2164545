/*
 * admin_check.c - MailboxCheck
 */
#include <unistd.h>

#include "storesvc/account/folders.h"
#include "storesvc/admin/check.h"
#include "storesvc/admin/store_admin.h"
#include "storesvc/maildir/path.h"

static bool
wanted(void *arg)
{
	return rpc_call_wanted(arg);
}

static struct status
check(struct account *account, struct span name, bool deep, struct rpc_call *call, struct report *report)
{
	struct mailbox *box = NULL;
	int dir;
	struct status st = folders_open(account, name, &dir);

	if (!status_ok(st))
		return st;
	check_disk(report, dir);
	close(dir);
	st = account_mailbox(account, name, &box);
	if (status_ok(st))
		check_open(report, box, deep, wanted, call);
	else if (st.code != STATUS_NOT_FOUND)
		report_add(report, "cannot-be-opened", CURE_HAND, NULL, "%s (the store's log says why)", st.text);
	mailbox_put(&box);
	if (!rpc_call_wanted(call))
		return status_make(STATUS_DEADLINE, "There was not enough time to look at all of it");
	return st.code == STATUS_NOT_FOUND ? st : STATUS_FINE;
}

void
admin_mailbox_check(Posthouse__StoreAdmin_Service *service, const Posthouse__MailboxCheckRequest *in,
    Posthouse__MailboxCheckReply_Closure closure, void *data)
{
	Posthouse__MailboxCheckReply reply = POSTHOUSE__MAILBOX_CHECK_REPLY__INIT;
	struct rpc_call *call = data;
	struct account *account = NULL;
	struct report report;
	struct status st = path_check_name(span_str(in->mailbox));

	report_init(&report, &call->arena);
	if (status_ok(st))
		st = admin_enter(store_of_admin(service), in->account, &call->arena, &account);
	if (status_ok(st)) {
		struct span name = path_canonical(&call->arena, span_str(in->mailbox));
		reply.mailbox = arena_strndup(&call->arena, name.at, name.len);
		st = check(account, name, in->deep, call, &report);
	}
	admin_leave(&account);
	call->status = st;
	reply.messages = report.messages;
	reply.bytes = report.bytes;
	reply.found = report.found;
	reply.findings = report.findings;
	reply.n_findings = report.count;
	closure(&reply, call);
	report_release(&report);
}
