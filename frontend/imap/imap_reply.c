/*
 * imap_reply.c - tagged and untagged answers
 */
#include "frontend/imap/imap_command.h"

#include "frontend/session/reply.h"

static struct metric commands = {
	.name = "posthouse_imap_commands", .kind = METRIC_COUNTER,
	.help = "IMAP commands answered; unknown are those that are not in our table or were not allowed yet.",
	.labels = { "command", "result" },
};
METRIC_REGISTER(commands);

static struct metric durations = {
	.name = "posthouse_imap_command_duration_seconds", .kind = METRIC_DURATION,
	.help = "From an IMAP command's last byte (of a message to be stored: its first) to our answer.",
	.labels = { "command" },
};
METRIC_REGISTER(durations);

static void
count(struct task *t, const char *result)
{
	static const struct reply_metrics metrics = { &commands, &durations };
	const struct imap_frame *frame = task_frame(t);

	reply_count(t, &metrics, frame ? frame->command->name : NULL, result);
}

void
imap_untagged(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reply_line(t->session, SPAN_LIT("*"), "", format, args);
	va_end(args);
}

enum step
imap_ok(struct task *t, const char *format, ...)
{
	va_list args;

	session_good_command(t->session);
	count(t, "ok");
	va_start(args, format);
	reply_line(t->session, t->tag, "OK ", format, args);
	va_end(args);
	return task_end(t);
}

static void
tagged(struct task *t, const char *kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reply_line(t->session, t->tag.len ? t->tag : SPAN_LIT("*"), kind, format, args);
	va_end(args);
}

enum step
imap_no_code(struct task *t, const char *code, const char *text)
{
	session_good_command(t->session);
	count(t, "no");
	tagged(t, "NO ", "[%s] %s", code, text);
	return task_end(t);
}

enum step
imap_bad_arguments(struct task *t, const char *text)
{
	session_good_command(t->session);
	count(t, "bad");
	tagged(t, "BAD ", "%s", text);
	return task_end(t);
}

enum step
imap_bad_command(struct task *t, const char *text)
{
	count(t, "bad");
	if (!session_bad_command(t->session))
		tagged(t, "BAD ", "%s", text);
	return task_end(t);
}
