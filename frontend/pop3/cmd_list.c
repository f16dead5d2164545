/*
 * cmd_list.c - STAT, LIST and UIDL (RFC 1939, 5 and 7)
 *
 *	start	one message, or the first lines of all
 *	more	the next lines, when the client has taken enough
 *
 * Messages keep their numbers after DELE; the deleted ones are left out.
 */
#include "frontend/pop3/pop3_command.h"

enum { LINES_AT_ONCE = 1000 };

struct list_frame {
	struct pop3_frame base;
	size_t at;			/* next message, from 0 */
};

static void
add_line(struct task *t, const struct pop3_message *m, struct buf *out)
{
	const struct pop3_frame *f = task_frame(t);
	const struct pop3_drop *drop = &pop3_session(t->session)->drop;

	buf_number(out, (uint64_t)(m - drop->messages) + 1);
	buf_char(out, ' ');
	if (f->command->variant & POP3_UIDL)
		pop3_drop_uidl(drop, m, out);
	else
		buf_number(out, m->size);
	buf_str(out, "\r\n");
}

static enum step
list_more(struct task *t)
{
	struct list_frame *f = task_frame(t);
	const struct pop3_drop *drop = &pop3_session(t->session)->drop;
	struct buf lines;

	buf_init(&lines, 0);
	for (size_t n = 0; n < LINES_AT_ONCE && f->at < drop->count; f->at++, n++)
		if (!drop->messages[f->at].deleted)
			add_line(t, &drop->messages[f->at], &lines);
	bool more = f->at < drop->count;
	if (!more)
		buf_str(&lines, ".\r\n");
	session_write_buf(t->session, &lines);
	buf_release(&lines);
	return more ? task_drain(t, list_more) : pop3_end(t);
}

static enum step
list_start(struct task *t)
{
	const struct list_frame *f = task_frame(t);
	const struct pop3_drop *drop = &pop3_session(t->session)->drop;
	struct buf line;

	if (!f->base.count) {
		pop3_ok_begin(t, "%zu messages (%llu octets)", drop->left, (unsigned long long)drop->left_size);
		return task_go(t, list_more);
	}
	const struct pop3_message *m = pop3_message(t);
	if (!m)
		return pop3_err_message(t);
	buf_init(&line, 0);
	buf_str(&line, "+OK ");
	add_line(t, m, &line);
	session_write_buf(t->session, &line);
	buf_release(&line);
	return pop3_end(t);
}

static enum step
stat_start(struct task *t)
{
	const struct pop3_drop *drop = &pop3_session(t->session)->drop;

	return pop3_ok(t, "%zu %llu", drop->left, (unsigned long long)drop->left_size);
}

const struct pop3_ops pop3_list_ops = { .frame_size = sizeof(struct list_frame), .start = list_start };
const struct pop3_ops pop3_stat_ops = { .start = stat_start };
