/*
 * cmd_retr.c - RETR and TOP (RFC 1939, 5 and 7)
 *
 *	start	which message; its first piece is asked for
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
	bool begun;			/* the answer's first line is out */
};

static bool
is_top(const struct retr_frame *f)
{
	return f->base.command->variant & POP3_TOP;
}

static enum step retr_piece(struct task *t);

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
	const struct pop3_message *m = pop3_message(t);

	if (!m)
		return pop3_err_message(t);
	posthouse__pop3_read_request__init(&f->request);
	pop3_box(t->session, &f->box);
	f->request.box = &f->box;
	f->request.uid = m->uid;
	f->request.seen = !is_top(f);
	f->request.max_bytes = is_top(f) ? top_bytes(f->base.numbers[1]) : 0;
	f->top.lines = f->base.numbers[1];
	f->stuff = POP3_STUFF_BEGIN;
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

/* A piece that needs no dots goes as it came, by reference; others are put together first. */
static void
send_piece(struct task *t)
{
	struct retr_frame *f = task_frame(t);
	struct span rest = t->received.bytes, now;
	size_t all = rest.len;
	struct buf stuffed;

	if (is_top(f))
		rest = span_head(rest, pop3_top_take(&f->top, rest));
	if (!pop3_stuff_next(&f->stuff, &rest, &now))
		return;
	if (now.len == all && now.at == t->received.bytes.at) {
		task_write_received(t);
		return;
	}
	buf_init(&stuffed, 0);
	do
		buf_span(&stuffed, now);
	while (pop3_stuff_next(&f->stuff, &rest, &now));
	session_write_buf(t->session, &stuffed);
	buf_release(&stuffed);
}

static enum step
retr_piece(struct task *t)
{
	struct retr_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return retr_failed(t);
	retr_begin(t);
	send_piece(t);
	if (f->reply->more && !f->top.done) {
		f->request.disk = f->reply->disk;
		f->request.served = f->reply->served;
		return task_drain(t, retr_more);
	}
	session_write(t->session, pop3_stuff_end(&f->stuff));
	return pop3_end(t);
}

const struct pop3_ops pop3_retr_ops = { .frame_size = sizeof(struct retr_frame), .start = retr_start };
