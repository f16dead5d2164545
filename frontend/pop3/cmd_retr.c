/*
 * cmd_retr.c - RETR and TOP (RFC 1939, 5 and 7)
 *
 *	start	which message; one that was read ahead is here, else its first piece is asked for
 *	more	the next piece, while the client takes the last one
 *	piece	dots where they are due, and out with it; the last one ends the answer
 *
 * RETR gives the message \Seen, as Courier does; TOP does not.
 */
#include "base/log.h"
#include "frontend/pop3/pop3_command.h"
#include "frontend/pop3/pop3_stuff.h"

enum { TOP_PIECE = 16 * 1024, TOP_LINE = 80 };

struct retr_frame {
	struct pop3_frame base;
	Posthouse__MailboxRef box;
	Posthouse__Pop3ReadRequest request;
	const Posthouse__Pop3ReadReply *reply;
	struct pop3_stuff stuff;
	struct pop3_top top;
	struct span piece;
	bool begun;			/* the answer's first line is out */
};

static bool
is_top(const struct retr_frame *f)
{
	return f->base.command->variant & POP3_TOP;
}

static enum step retr_piece(struct task *t);
static enum step retr_here(struct task *t);

static enum step
retr_more(struct task *t)
{
	struct retr_frame *f = task_frame(t);

	return store_pop3_read(t, &f->request, &f->reply, retr_piece);
}

/* About what TOP will show, so that little is read for nothing. */
static uint32_t
top_bytes(uint32_t lines)
{
	return lines < (256 * 1024 - TOP_PIECE) / TOP_LINE ? TOP_PIECE + lines * TOP_LINE : 0;
}

static enum step
retr_start(struct task *t)
{
	struct retr_frame *f = task_frame(t);
	struct pop3_session *p = pop3_session(t->session);
	const struct pop3_message *m = pop3_message(t);

	if (!m)
		return pop3_err_message(t);
	f->top.lines = f->base.numbers[1];
	f->stuff = POP3_STUFF_BEGIN;
	if (!is_top(f) && pop3_ahead_take(&p->ahead, f->base.numbers[0], m->uid, &f->piece))
		return task_go(t, retr_here);
	posthouse__pop3_read_request__init(&f->request);
	pop3_box(t->session, &f->box);
	f->request.box = &f->box;
	f->request.uid = m->uid;
	f->request.seen = !is_top(f);
	if (is_top(f))
		f->request.max_bytes = top_bytes(f->base.numbers[1]);
	else
		pop3_ahead_want(&p->ahead, &p->drop, &t->arena, &f->request);
	return retr_more(t);
}

/* In the middle of a message there is no way to say so: the connection is cut. */
static enum step
retr_failed(struct task *t)
{
	struct retr_frame *f = task_frame(t);

	if (!f->begun)
		return pop3_err_status(t, t->status);
	log_warn("a message was cut short while it was sent: %s", status_name(t->status.code));
	session_logout(t->session);
	return task_end(t);
}

static void
retr_begin(struct task *t)
{
	struct retr_frame *f = task_frame(t);

	if (f->begun)
		return;
	f->begun = true;
	if (is_top(f))
		pop3_ok_begin(t, "Message follows");
	else
		pop3_ok_begin(t, "%llu octets", (unsigned long long)pop3_message(t)->size);
}

/* A piece that needs no dots goes as it came, by reference. */
static void
send_piece(struct task *t)
{
	struct retr_frame *f = task_frame(t);
	struct span rest = f->piece, now;

	if (is_top(f))
		rest = span_head(rest, pop3_top_take(&f->top, rest));
	if (!pop3_stuff_next(&f->stuff, &rest, &now))
		return;
	if (now.len == t->received.bytes.len && now.at == t->received.bytes.at) {
		task_write_received(t);
		return;
	}
	do
		session_write(t->session, now);
	while (pop3_stuff_next(&f->stuff, &rest, &now));
}

static enum step
retr_end(struct task *t)
{
	struct retr_frame *f = task_frame(t);

	session_write(t->session, pop3_stuff_end(&f->stuff));
	return pop3_end(t);
}

static enum step
retr_here(struct task *t)
{
	retr_begin(t);
	send_piece(t);
	return retr_end(t);
}

static enum step
retr_piece(struct task *t)
{
	struct retr_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return retr_failed(t);
	f->piece = t->received.bytes;
	if (f->request.n_ahead)
		f->piece = pop3_ahead_keep(&pop3_session(t->session)->ahead, &f->request, f->reply, &t->received);
	retr_begin(t);
	send_piece(t);
	if (f->reply->more && !f->top.done) {
		f->request.disk = f->reply->disk;
		f->request.served = f->reply->served;
		f->request.n_seen_before = 0;
		return task_drain(t, retr_more);
	}
	return retr_end(t);
}

const struct pop3_ops pop3_retr_ops = { .frame_size = sizeof(struct retr_frame), .start = retr_start };
