/*
 * fail - a benchmark that went wrong has no result
 *
 * Any answer that is not the expected one ends the program: a number measured
 * beside errors would mean nothing.
 */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

/* Print one line on standard error, exit 1. Callable from any thread. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
