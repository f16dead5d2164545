/*
 * cache_fields_test.c - what is kept of a header, and what is known to be missing
 */
#include "base/test.h"
#include "mail/header.h"
#include "storesvc/cache/cache_fields.h"
#include "storesvc/cache/test_cache.h"

static void
assert_span_equal(struct span a, struct span b)
{
	assert_int_equal(a.len, b.len);
	if (a.len)
		assert_memory_equal(a.at, b.at, a.len);
}

/* Selecting from what is kept is selecting from the header, whenever the cache says it can tell. */
static void
test_kept_fields_are_the_header(void **state)
{
	static const char *const names[] = {
		"from", "SUBJECT", "Received", "x-short", "X-Long", "nothing", "date", "DKIM-Signature", "References",
	};
	struct test_cache *f = *state;
	unsigned told = 0, asked = 0;

	for (uint32_t uid = 1; uid <= 14; uid++) {
		struct span message = test_message(&f->arena, uid);
		struct span header = span_head(message, header_length(message));
		struct cache_record record;
		cache_record_make(&f->arena, uid, message, uid % 3 == 0, &record);
		for (unsigned set = 1; set < 1u << 9; set += 3) {
			struct span some[9];
			size_t count = 0;
			struct buf a, b;
			for (unsigned i = 0; i < 9; i++)
				if (set & 1u << i)
					some[count++] = span_str(names[i]);
			asked++;
			if (!cache_fields_tell(&record, some, count))
				continue;
			told++;
			buf_init(&a, 0);
			buf_init(&b, 0);
			header_select(header, some, count, false, record.raw, &a);
			header_select(record.fields, some, count, false, record.raw, &b);
			assert_span_equal(buf_view(&a), buf_view(&b));
			buf_release(&a);
			buf_release(&b);
		}
	}
	/* Received is never told, X-Long only where it is short. */
	assert_true(told > asked / 8 && told < asked / 2);
}

static void
test_more_names_than_can_be_listed(void **state)
{
	struct test_cache *f = *state;
	struct cache_record record;
	struct span subject = SPAN_LIT("Subject");
	struct buf b;

	buf_init(&b, 0);
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "X-Google-Field-%d: x\n", i);
	buf_str(&b, "Subject: last\n\nbody\n");
	cache_record_make(&f->arena, 1, buf_view(&b), false, &record);
	assert_true(record.fields_partial);
	assert_false(cache_fields_tell(&record, &subject, 1));
	buf_release(&b);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, test_cache_new, test_cache_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_kept_fields_are_the_header),
		FOLDER_TEST(test_more_names_than_can_be_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
