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
static atomic_int line_format = LOG_FORMAT_LOGFMT;
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

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

void
log_set_format(enum log_format format)
{
	atomic_store_explicit(&line_format, (int)format, memory_order_relaxed);
}

/* It comes with a request, so it is not beyond doubt: it must not end a word, a string or a line. */
void
log_set_trace(const char *trace)
{
	size_t len = 0;

	for (; trace && trace[len] && len < TRACE_MAX_BYTES; len++) {
		unsigned char c = (unsigned char)trace[len];
		trace_id[len] = c <= ' ' || c >= 0x7f || c == '"' || c == '\\' ? '?' : (char)c;
	}
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

/* Bytes of the well-formed UTF-8 character (Unicode, table 3-7) at `c`; 0: there is none. */
static size_t
utf8_length(const unsigned char *c)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length = c[0] < 0x80 ? 1 : c[0] >= 0xc2 && c[0] <= 0xdf ? 2 : (c[0] & 0xf0) == 0xe0 ? 3 :
	    c[0] >= 0xf0 && c[0] <= 0xf4 ? 4 : 0;

	if (c[0] == 0xe0)
		low = 0xa0;
	else if (c[0] == 0xed)
		high = 0x9f;
	else if (c[0] == 0xf0)
		low = 0x90;
	else if (c[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
		if (c[i] < low || c[i] > high)
			return 0;
	return length;
}

/* The same for a JSON string, which has to be UTF-8. */
static size_t
quote_json(char *out, size_t room, const char *text)
{
	size_t n = 0, length;

	for (const unsigned char *c = (const unsigned char *)text; *c && n + 7 < room; c += length ? length : 1) {
		length = utf8_length(c);
		if (*c == '"' || *c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)*c;
		} else if (length == 0) {
			n += (size_t)snprintf(out + n, room - n, "\\ufffd");
		} else if (*c < 0x20 || *c == 0x7f) {
			n += (size_t)snprintf(out + n, room - n, "\\u%04x", *c);
		} else {
			memcpy(out + n, c, length);
			n += length;
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
	size_t n = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &utc);
	return n + (size_t)snprintf(out + n, room - n, ".%03ldZ", now.tv_nsec / 1000000);
}

static size_t
line_logfmt(char *out, size_t room, enum log_level level, const char *message)
{
	size_t n = (size_t)snprintf(out, room, "time=");

	n += stamp(out + n, room - n);
	n += (size_t)snprintf(out + n, room - n, " level=%s svc=%s%s%s msg=\"",
	    level_names[level], service_name, trace_id[0] ? " trace=" : "", trace_id);
	n += quote(out + n, room - n - 3, message);
	return n + (size_t)snprintf(out + n, room - n, "\"\n");
}

static size_t
line_json(char *out, size_t room, enum log_level level, const char *message)
{
	size_t n = (size_t)snprintf(out, room, "{\"time\":\"");

	n += stamp(out + n, room - n);
	n += (size_t)snprintf(out + n, room - n, "\",\"level\":\"%s\",\"svc\":\"%s\"%s%s%s,\"msg\":\"",
	    level_names[level], service_name, trace_id[0] ? ",\"trace\":\"" : "", trace_id,
	    trace_id[0] ? "\"" : "");
	n += quote_json(out + n, room - n - 4, message);
	return n + (size_t)snprintf(out + n, room - n, "\"}\n");
}

void
log_vwrite(enum log_level level, const char *format, va_list args)
{
	char message[LINE_MAX_BYTES], line[LINE_MAX_BYTES * 2];
	int saved = errno;

	if (level > log_get_level())
		return;
	vsnprintf(message, sizeof(message), format, args);
	size_t n = atomic_load_explicit(&line_format, memory_order_relaxed) == LOG_FORMAT_JSON ?
	    line_json(line, sizeof(line), level, message) : line_logfmt(line, sizeof(line), level, message);
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
