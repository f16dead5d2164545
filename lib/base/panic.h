/*
 * panic - the end, for promises broken inside our own code
 *
 * Never for input, whatever it holds: input gets a status.
 */
#ifndef BASE_PANIC_H
#define BASE_PANIC_H

/* Log at the highest level, then abort(). */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Like assert(), in every build. */
#define assert_that(condition) \
	((condition) ? (void)0 : panic("%s:%d: %s is false", __FILE__, __LINE__, #condition))

#endif
