/*
 * cmd_quit.c - QUIT (RFC 1939, 4 and 6)
 *
 *	start	what DELE marked is removed, all of it in one call, by UID
 *	removed	+OK, or -ERR when perhaps not all of it is
 *
 * Somebody else may have removed some of them before: that is no failure.
 */
#include "frontend/pop3/pop3_command.h"

struct quit_frame {
	struct pop3_frame base;
	Posthouse__MailboxRef box;
	Posthouse__ExpungeRequest request;
	const Posthouse__ExpungeReply *reply;
};

static enum step
quit_removed(struct task *t)
{
	session_logout(t->session);
	if (status_ok(t->status))
		return pop3_ok(t, "Goodbye");
	return pop3_err_status(t, status_make(t->status.code, "Some deleted messages may not be removed"));
}

static void
name_deleted(struct task *t, const struct uidset *uids)
{
	struct quit_frame *f = task_frame(t);
	Posthouse__Run *runs = ARENA_ARRAY(&t->arena, uids->count, Posthouse__Run);

	f->request.n_only = uids->count;
	f->request.only = ARENA_ARRAY(&t->arena, uids->count, Posthouse__Run *);
	for (size_t i = 0; i < uids->count; i++) {
		posthouse__run__init(&runs[i]);
		runs[i].first = uids->runs[i].first;
		runs[i].last = uids->runs[i].last;
		f->request.only[i] = &runs[i];
	}
}

static enum step
quit_start(struct task *t)
{
	struct quit_frame *f = task_frame(t);
	struct uidset deleted;

	posthouse__expunge_request__init(&f->request);
	uidset_init(&deleted);
	pop3_drop_deleted(&pop3_session(t->session)->drop, &deleted);
	name_deleted(t, &deleted);
	uidset_release(&deleted);
	if (!f->request.n_only)
		return quit_removed(t);
	pop3_box(t->session, &f->box);
	f->request.box = &f->box;
	f->request.any_flags = true;
	return store_expunge(t, &f->request, &f->reply, quit_removed);
}

const struct pop3_ops pop3_quit_ops = { .frame_size = sizeof(struct quit_frame), .start = quit_start };
