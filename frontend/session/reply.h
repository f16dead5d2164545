/*
 * reply - what the answers of all protocols have in common
 */
#ifndef FRONTEND_SESSION_REPLY_H
#define FRONTEND_SESSION_REPLY_H

#include <stdarg.h>

#include "frontend/session/session.h"
#include "metrics/metrics.h"

/*
 * A line: the tag and a space, if there is one; the kind, as "NO "; the text. What other services say may hold
 * what the client once sent, so text goes out printable: a line end in it would be a forged answer.
 */
void reply_line(struct session *s, struct span tag, const char *kind, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

/* How a protocol counts its commands. */
struct reply_metrics {
	struct metric *commands;	/* by command and result */
	struct metric *durations;	/* by command            */
};
/* The command at hand is answered. `command` is of our own table, never what the client wrote; NULL: unknown. */
void reply_count(struct task *t, const struct reply_metrics *m, const char *command, const char *result);

#endif
