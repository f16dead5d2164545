/*
 * reply.c - what the answers of all protocols have in common
 */
#include "frontend/session/reply.h"

#include "base/log.h"

void
reply_line(struct session *s, struct span tag, const char *kind, const char *format, va_list args)
{
	struct buf line;

	buf_init(&line, 0);
	if (tag.len) {
		buf_span(&line, tag);
		buf_char(&line, ' ');
	}
	buf_str(&line, kind);
	size_t text = line.len;
	buf_vprintf(&line, format, args);
	for (size_t i = text; i < line.len; i++)
		if ((unsigned char)line.at[i] < 0x20 || line.at[i] == 0x7f)
			line.at[i] = '?';
	buf_str(&line, "\r\n");
	session_write_buf(s, &line);
	buf_release(&line);
}

void
reply_count(struct task *t, const struct reply_metrics *m, const char *command, const char *result)
{
	const char *name = command ? command : "unknown";
	int64_t ns = metric_clock() - t->begun;

	metric_add_at(m->commands, name, result, 1);
	metric_observe_at(m->durations, name, NULL, ns);
	log_debug("%s: %s: %s in %lld us", t->session->protocol->name, name, result, (long long)ns / 1000);
}
