/*
 * imap_reply.c - tagged and untagged answers
 *
 * What other services say may hold what the client once sent, so text goes out
 * printable: a line end in it would be a forged answer.
 */
#include "frontend/imap/imap_command.h"

#include "base/log.h"
#include "metrics/metrics.h"

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

/* What the client wrote never becomes a label: the name is our table's. */
static void
count(struct task *t, const char *result)
{
	const struct imap_frame *frame = task_frame(t);
	const char *name = frame ? frame->command->name : "unknown";
	int64_t ns = metric_clock() - t->begun;

	metric_add_at(&commands, name, result, 1);
	metric_observe_at(&durations, name, NULL, ns);
	log_debug("imap: %s: %s in %lld us", name, result, (long long)ns / 1000);
}

static void
write_line(struct task *t, struct span begin, const char *kind, const char *format, va_list args)
{
	struct buf line;

	buf_init(&line, 0);
	buf_span(&line, begin);
	buf_char(&line, ' ');
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

void
imap_untagged(struct task *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(t, SPAN_LIT("*"), "", format, args);
	va_end(args);
}

enum step
imap_ok(struct task *t, const char *format, ...)
{
	va_list args;

	session_good_command(t->session);
	count(t, "ok");
	va_start(args, format);
	write_line(t, t->tag, "OK ", format, args);
	va_end(args);
	return task_end(t);
}

static void
tagged(struct task *t, const char *kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(t, t->tag.len ? t->tag : SPAN_LIT("*"), kind, format, args);
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
