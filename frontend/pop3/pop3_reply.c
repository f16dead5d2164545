/*
 * pop3_reply.c - answers
 *
 * What other services say may hold what the client once sent, so text goes out
 * printable: a line end in it would be a forged answer.
 */
#include "frontend/pop3/pop3_command.h"

#include "base/log.h"
#include "metrics/metrics.h"

static struct metric commands = {
	.name = "posthouse_pop3_commands", .kind = METRIC_COUNTER,
	.help = "POP3 commands answered; unknown are those that are not in our table or were not allowed yet.",
	.labels = { "command", "result" },
};
METRIC_REGISTER(commands);

static struct metric durations = {
	.name = "posthouse_pop3_command_duration_seconds", .kind = METRIC_DURATION,
	.help = "From a POP3 command's last byte to the end of our answer.", .labels = { "command" },
};
METRIC_REGISTER(durations);

/* What the client wrote never becomes a label: the name is our table's. */
static void
count(struct task *t, const char *result)
{
	const struct pop3_frame *frame = task_frame(t);
	const char *name = frame ? frame->command->name : "unknown";
	int64_t ns = metric_clock() - t->begun;

	metric_add_at(&commands, name, result, 1);
	metric_observe_at(&durations, name, NULL, ns);
	log_debug("pop3: %s: %s in %lld us", name, result, (long long)ns / 1000);
}

static void
write_line(struct task *t, const char *kind, const char *format, va_list args)
{
	struct buf line;

	buf_init(&line, 0);
	buf_str(&line, kind);
	size_t text = line.len;
	buf_vprintf(&line, format, args);
	for (size_t i = text; i < line.len; i++)
		if ((unsigned char)line.at[i] < 0x20 || line.at[i] == 0x7f)
			line.at[i] = '?';
	buf_str(&line, "\r\n");
	session_write_buf(t->session, &line);
	buf_release(&line);
}

enum step
pop3_end(struct task *t)
{
	count(t, "ok");
	session_good_command(t->session);
	return task_end(t);
}

void
pop3_ok_begin(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(t, "+OK ", format, args);
	va_end(args);
}

enum step
pop3_ok(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(t, "+OK ", format, args);
	va_end(args);
	return pop3_end(t);
}

static void
write_err(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(t, "-ERR ", format, args);
	va_end(args);
}

static enum step
refused(struct task *t)
{
	count(t, "err");
	session_good_command(t->session);
	return task_end(t);
}

enum step
pop3_err(struct task *t, const char *text)
{
	write_err(t, "%s", text);
	return refused(t);
}

enum step
pop3_err_status(struct task *t, struct status status)
{
	const char *code = pop3_status_code(status);

	if (code)
		write_err(t, "[%s] %s", code, pop3_status_text(status));
	else
		write_err(t, "%s", pop3_status_text(status));
	return refused(t);
}

enum step
pop3_err_command(struct task *t, const char *text)
{
	count(t, "err");
	if (!session_bad_command(t->session))
		write_err(t, "%s", text);
	return task_end(t);
}

/* --- messages -------------------------------------------------------------------------- */

struct pop3_message *
pop3_message(struct task *t)
{
	const struct pop3_frame *f = task_frame(t);

	return pop3_drop_find(&pop3_session(t->session)->drop, f->numbers[0]);
}

enum step
pop3_err_message(struct task *t)
{
	return pop3_err(t, "No such message");
}

void
pop3_box(struct session *s, Posthouse__MailboxRef *out)
{
	static char inbox[] = "INBOX";
	struct pop3_session *p = pop3_session(s);

	posthouse__mailbox_ref__init(out);
	out->mailbox = inbox;
	if (p->drop.mailbox_id)
		out->mailbox_id = p->drop.mailbox_id;
}
