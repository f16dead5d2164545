/*
 * fail - a benchmark that went wrong has no result
 */
#include "bench/fail.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"

void
bench_fail(const char *format, ...)
{
	struct buf line;
	va_list args;

	buf_init(&line, 0);
	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	buf_char(&line, '\n');
	/* _exit: other threads are in the middle of things, and may be let be. */
	_exit(io_write_all(STDERR_FILENO, buf_view(&line)) ? 1 : 2);
}
