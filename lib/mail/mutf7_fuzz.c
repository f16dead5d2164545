/*
 * mutf7_fuzz.c - a name has one encoding, and an encoding one name
 */
#include "base/panic.h"
#include "mail/mutf7.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size), out, again;
	struct arena a;

	arena_init(&a, 0);
	if (mutf7_decode(&a, in, &out)) {
		assert_that(utf8_valid(out, SIZE_MAX));
		assert_that(mutf7_encode(&a, out, &again) && span_eq(again, in));
	}
	bool encoded = mutf7_encode(&a, in, &out);
	assert_that(encoded == utf8_valid(in, SIZE_MAX));
	if (encoded)
		assert_that(mutf7_decode(&a, out, &again) && span_eq(again, in));
	arena_release(&a);
	return 0;
}
