/*
 * log.c - one line per event
 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"

#define LINE_MAX_BYTES 2048
#define TRACE_MAX_BYTES 32

static const char *service_name = "posthouse";
static atomic_int threshold = LOG_LEVEL_INFO;
static _Thread_local char trace_id[TRACE_MAX_BYTES + 1];

static const char *const level_names[] = { "error", "warn", "info", "debug" };

void
log_init(const char *service, enum log_level level)
{
	service_name = service;
	log_set_level(level);
}

void
log_set_level(enum log_level level)
{
	atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

enum log_level
log_get_level(void)
{
	return (enum log_level)atomic_load_explicit(&threshold, memory_order_relaxed);
}

void
log_set_trace(const char *trace)
{
	size_t len = trace ? strnlen(trace, TRACE_MAX_BYTES) : 0;

	if (len)
		memcpy(trace_id, trace, len);
	trace_id[len] = '\0';
}

/* `text` between quotes, with everything that could end the line escaped. */
static size_t
quote(char *out, size_t room, const char *text)
{
	size_t n = 0;

	for (const unsigned char *c = (const unsigned char *)text; *c && n + 5 < room; c++) {
		if (*c == '"' || *c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)*c;
		} else if (*c < 0x20 || *c == 0x7f) {
			n += (size_t)snprintf(out + n, room - n, "\\x%02x", *c);
		} else {
			out[n++] = (char)*c;
		}
	}
	return n;
}

static size_t
stamp(char *out, size_t room)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t n = strftime(out, room, "time=%Y-%m-%dT%H:%M:%S", &utc);
	return n + (size_t)snprintf(out + n, room - n, ".%03ldZ", now.tv_nsec / 1000000);
}

void
log_vwrite(enum log_level level, const char *format, va_list args)
{
	char message[LINE_MAX_BYTES], line[LINE_MAX_BYTES * 2];
	int saved = errno;

	if (level > log_get_level())
		return;
	vsnprintf(message, sizeof(message), format, args);
	size_t n = stamp(line, sizeof(line));
	n += (size_t)snprintf(line + n, sizeof(line) - n, " level=%s svc=%s%s%s msg=\"",
	    level_names[level], service_name, trace_id[0] ? " trace=" : "", trace_id);
	n += quote(line + n, sizeof(line) - n - 3, message);
	line[n++] = '"';
	line[n++] = '\n';
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
	errno = saved;
}

void
log_write(enum log_level level, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	log_vwrite(level, format, args);
	va_end(args);
}

void
panic(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	log_vwrite(LOG_LEVEL_ERROR, format, args);
	va_end(args);
	abort();
}
