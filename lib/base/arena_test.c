/*
 * arena_test.c - memory that is freed all at once
 */
#include "base/arena.h"
#include "base/test.h"

static void
test_pieces_keep_apart(void **state)
{
	struct arena a;
	unsigned char *pieces[500];
	size_t sizes[500];

	(void)state;
	arena_init(&a, 64);
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		sizes[i] = test_below(2000);
		pieces[i] = arena_alloc(&a, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % 16, 0);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i & 0xff), sizes[i]);
	}
	for (size_t i = 0; i < COUNT_OF(pieces); i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], i & 0xff);
	arena_release(&a);
	assert_null(a.blocks);
}

static void
test_reset_keeps_one_block(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (int i = 0; i < 100; i++)
		arena_bytes(&a, 1000);
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(a.blocks);
	char *again = arena_alloc(&a, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(again[i], 0);
	arena_release(&a);
}

static void
test_strings(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strdup(&a, ""), "");
	struct span copy = arena_span(&a, span_of("a\0b", 3));
	assert_memory_equal(copy.at, "a\0b", 4);
	arena_release(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_keep_apart),
		cmocka_unit_test(test_reset_keeps_one_block),
		cmocka_unit_test(test_strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
