/*
 * log - one line per event, on standard error, in logfmt or JSON
 *
 *	time=2026-01-02T03:04:05.678Z level=info svc=storesvc trace=9f.. msg="..."
 *	{"time":"2026-01-02T03:04:05.678Z","level":"info","svc":"storesvc","trace":"9f..","msg":"..."}
 *
 * Control characters and quotes in the message are escaped, so client bytes
 * cannot forge a line. Each line is one write(2). The trace id of the work at
 * hand is a property of the thread (log_set_trace), so that every line a
 * command causes, in whichever service, carries it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>

enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* `service` is kept by reference. */
void log_init(const char *service, enum log_level level);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
const char *log_level_name(enum log_level level);
void log_set_format(enum log_format format);

/* Up to 32 bytes are kept; "" or NULL for none. Per thread. */
void log_set_trace(const char *trace);

void log_write(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void log_vwrite(enum log_level level, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) \
	((void)(log_get_level() >= LOG_LEVEL_DEBUG ? log_write(LOG_LEVEL_DEBUG, __VA_ARGS__) : (void)0))

#endif
