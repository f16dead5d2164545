/*
 * hex_test.c - bytes as text
 */
#include "base/hex.h"
#include "base/test.h"

static void
test_base64_rows(void **state)
{
	static const struct {
		const char *plain, *coded;
	} rows[] = {		/* RFC 4648 section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg=a", "====", "Z g=", "Zm9v\n", "Zm9-" };
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span back;
		assert_string_equal(base64_encode(&a, span_str(rows[i].plain)), rows[i].coded);
		assert_true(base64_decode(&a, span_str(rows[i].coded), &back));
		assert_true(span_eq(back, span_str(rows[i].plain)));
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct span back;
		assert_false(base64_decode(&a, span_str(bad[i]), &back));
	}
	arena_release(&a);
}

static void
test_round_trips(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (int round = 0; round < 500; round++) {
		char bytes[64], text[128];
		unsigned char back[64];
		struct span decoded, in = span_of(bytes, test_below(sizeof(bytes)));
		for (size_t i = 0; i < in.len; i++)
			bytes[i] = (char)test_below(256);
		hex_encode(in, text);
		assert_true(hex_decode(span_of(text, in.len * 2), back));
		assert_memory_equal(back, bytes, in.len);
		assert_true(base64_decode(&a, span_str(base64_encode(&a, in)), &decoded));
		assert_true(span_eq(decoded, in));
		arena_reset(&a);
	}
	arena_release(&a);
}

static void
test_hex_refuses(void **state)
{
	unsigned char out[4];

	(void)state;
	assert_false(hex_decode(span_str("abc"), out));
	assert_false(hex_decode(span_str("zz"), out));
	assert_true(hex_decode(span_str("aBFf"), out));
	assert_int_equal(out[0], 0xab);
	assert_int_equal(out[1], 0xff);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_rows),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_hex_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
