/*
 * test - what every unit test includes: cmocka with its prerequisites
 *
 * Properties draw from test_random(), whose seed is printed when the program
 * starts and can be given again in TEST_SEED.
 */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* xorshift64*: repeatable, unlike rand(3) across libcs. */
static inline uint64_t
test_random(void)
{
	static uint64_t state;

	if (!state) {
		const char *given = getenv("TEST_SEED");
		state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
		printf("TEST_SEED=%" PRIu64 "\n", state);
	}
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717u;
}

/* 0 .. below-1 */
static inline uint32_t
test_below(uint32_t below)
{
	return (uint32_t)(test_random() >> 33) % below;
}

#endif
