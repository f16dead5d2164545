/*
 * pop3_reply.c - answers
 */
#include "frontend/pop3/pop3_command.h"

#include "frontend/session/reply.h"

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

static void
count(struct task *t, const char *result)
{
	static const struct reply_metrics metrics = { &commands, &durations };
	const struct pop3_frame *frame = task_frame(t);

	reply_count(t, &metrics, frame ? frame->command->name : NULL, result);
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
	reply_line(t->session, SPAN_LIT(""), "+OK ", format, args);
	va_end(args);
}

enum step
pop3_ok(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reply_line(t->session, SPAN_LIT(""), "+OK ", format, args);
	va_end(args);
	return pop3_end(t);
}

static void
write_err(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reply_line(t->session, SPAN_LIT(""), "-ERR ", format, args);
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
