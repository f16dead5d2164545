/*
 * cmd_quit.c - QUIT (RFC 1939, 4 and 6)
 *
 *	start	what was retrieved and is not \Seen yet becomes it
 *	seen	what DELE marked is removed, all of it in one call, by UID
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
	Posthouse__FlagsRequest flags;
	const Posthouse__FlagsReply *flagged;
};

static enum step
quit_removed(struct task *t)
{
	session_logout(t->session);
	if (status_ok(t->status))
		return pop3_ok(t, "Goodbye");
	return pop3_err_status(t, status_make(t->status.code, "Some deleted messages may not be removed"));
}

static Posthouse__Run **
runs_of(struct arena *a, const struct uidset *uids)
{
	Posthouse__Run *runs = ARENA_ARRAY(a, uids->count, Posthouse__Run);
	Posthouse__Run **out = ARENA_ARRAY(a, uids->count, Posthouse__Run *);

	for (size_t i = 0; i < uids->count; i++) {
		posthouse__run__init(&runs[i]);
		runs[i].first = uids->runs[i].first;
		runs[i].last = uids->runs[i].last;
		out[i] = &runs[i];
	}
	return out;
}

/* Whether that worked or not: nobody asked for \Seen. */
static enum step
quit_seen(struct task *t)
{
	struct quit_frame *f = task_frame(t);
	struct uidset deleted;

	posthouse__expunge_request__init(&f->request);
	uidset_init(&deleted);
	pop3_drop_deleted(&pop3_session(t->session)->drop, &deleted);
	f->request.n_only = deleted.count;
	f->request.only = runs_of(&t->arena, &deleted);
	uidset_release(&deleted);
	t->status = STATUS_FINE;
	if (!f->request.n_only)
		return task_go(t, quit_removed);
	f->request.box = &f->box;
	f->request.any_flags = true;
	return store_expunge(t, &f->request, &f->reply, quit_removed);
}

static enum step
quit_start(struct task *t)
{
	static char *seen[] = { (char *)(uintptr_t)"\\Seen" };
	struct pop3_session *p = pop3_session(t->session);
	struct quit_frame *f = task_frame(t);
	struct uidset used;

	posthouse__flags_request__init(&f->flags);
	uidset_init(&used);
	pop3_ahead_seen(&p->ahead, &p->drop, &used);
	f->flags.n_messages = used.count;
	f->flags.messages = runs_of(&t->arena, &used);
	uidset_release(&used);
	pop3_box(t->session, &f->box);
	if (!f->flags.n_messages)
		return task_go(t, quit_seen);
	f->flags.box = &f->box;
	f->flags.op = POSTHOUSE__FLAGS_REQUEST__OP__ADD;
	f->flags.flags = seen;
	f->flags.n_flags = 1;
	f->flags.silent = true;
	return store_flags(t, &f->flags, &f->flagged, quit_seen);
}

const struct pop3_ops pop3_quit_ops = { .frame_size = sizeof(struct quit_frame), .start = quit_start };
