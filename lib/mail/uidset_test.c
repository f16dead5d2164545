/*
 * uidset_test.c - rows for the text form, properties against a bitmap
 */
#include "mail/uidset.h"

#include "base/test.h"

#define STAR 20

static void
test_parse(void **state)
{
	static const struct {
		const char *text, *prints;	/* prints NULL: malformed */
	} rows[] = {
		{ "1", "1" },
		{ "1:3,5", "1:3,5" },
		{ "5,1:3", "1:3,5" },
		{ "3:1", "1:3" },
		{ "1,2,3", "1:3" },
		{ "1:10,4:6", "1:10" },
		{ "*", "20" },
		{ "18:*", "18:20" },
		{ "*:18", "18:20" },
		{ "25:*", "20:25" },
		{ "4294967295", "4294967295" },
		{ "1:4294967295", "1:4294967295" },
		{ "", NULL },
		{ "0", NULL },
		{ "1,", NULL },
		{ ",1", NULL },
		{ "1:", NULL },
		{ ":1", NULL },
		{ "1:2:3", NULL },
		{ "4294967296", NULL },
		{ "1 2", NULL },
		{ "a", NULL },
		{ "-1", NULL },
		{ "1,2,3,4,5", NULL },		/* more than max_runs */
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct uidset s;
		struct buf out;
		uidset_init(&s);
		buf_init(&out, 0);
		bool parsed = uidset_parse(&s, span_str(rows[i].text), STAR, 4);
		if (parsed)
			uidset_print(&s, &out);
		if (parsed != (rows[i].prints != NULL) ||
		    (parsed && !span_eq(buf_view(&out), span_str(rows[i].prints))))
			fail_msg("\"%s\" gave \"%.*s\"", rows[i].text, (int)out.len, out.at);
		buf_release(&out);
		uidset_release(&s);
	}
}

static void
test_star_of_an_empty_mailbox(void **state)
{
	struct uidset s;
	(void)state;

	uidset_init(&s);
	assert_false(uidset_parse(&s, SPAN_LIT("1:*"), 0, 10));
	uidset_release(&s);
}

/* The same set, kept the simple way. */
#define LIMIT 300

struct model {
	bool has[LIMIT + 1];
};

static void
assert_same(struct uidset *s, const struct model *m)
{
	uint32_t position = 0, runs = 0;

	for (uint32_t uid = 1; uid <= LIMIT; uid++) {
		assert_int_equal(uidset_has(s, uid), m->has[uid]);
		if (m->has[uid]) {
			position++;
			runs += !m->has[uid - 1];
			assert_int_equal(uidset_at(s, position), uid);
			assert_int_equal(uidset_position(s, uid), position);
		} else {
			assert_int_equal(uidset_position(s, uid), 0);
		}
		assert_int_equal(uidset_rank(s, uid), position);
	}
	assert_int_equal(s->size, position);
	assert_int_equal(s->count, runs);
	assert_int_equal(uidset_at(s, position + 1), 0);
	assert_int_equal(uidset_max(s), position ? uidset_at(s, position) : 0);
}

static void
assert_reads_back(const struct uidset *s)
{
	struct uidset again;
	struct buf text;

	buf_init(&text, 0);
	uidset_init(&again);
	uidset_print(s, &text);
	if (s->count)
		assert_true(uidset_parse(&again, buf_view(&text), 0, LIMIT));
	assert_true(uidset_eq(s, &again));
	uidset_release(&again);
	buf_release(&text);
}

static void
change(struct uidset *s, struct model *m)
{
	uint32_t first = test_below(LIMIT) + 1, last = first + test_below(12);
	bool add = test_below(2);

	if (last > LIMIT)
		last = LIMIT;
	if (add)
		uidset_add(s, first, last);
	else
		uidset_remove(s, first, last);
	for (uint32_t uid = first; uid <= last; uid++)
		m->has[uid] = add;
}

static void
test_changes_against_a_bitmap(void **state)
{
	struct uidset s;
	(void)state;

	for (int round = 0; round < 20; round++) {
		struct model m = { 0 };
		uidset_init(&s);
		for (int i = 0; i < 100; i++) {
			change(&s, &m);
			assert_same(&s, &m);
		}
		assert_reads_back(&s);
		uidset_release(&s);
	}
}

static void
test_set_operations_against_a_bitmap(void **state)
{
	(void)state;

	for (int round = 0; round < 200; round++) {
		struct model a = { 0 }, b = { 0 }, both = { 0 }, any = { 0 }, rest = { 0 };
		struct uidset sa, sb, result;
		uidset_init(&sa);
		uidset_init(&sb);
		uidset_init(&result);
		for (uint32_t i = test_below(60); i > 0; i--)
			change(&sa, &a);
		for (uint32_t i = test_below(60); i > 0; i--)
			change(&sb, &b);
		for (uint32_t uid = 1; uid <= LIMIT; uid++) {
			both.has[uid] = a.has[uid] && b.has[uid];
			any.has[uid] = a.has[uid] || b.has[uid];
			rest.has[uid] = a.has[uid] && !b.has[uid];
		}
		uidset_intersect(&result, &sa, &sb);
		assert_same(&result, &both);
		uidset_copy(&result, &sa);
		assert_true(uidset_eq(&result, &sa));
		uidset_add_all(&result, &sb);
		assert_same(&result, &any);
		uidset_copy(&result, &sa);
		uidset_remove_all(&result, &sb);
		assert_same(&result, &rest);
		uidset_clear(&result);
		assert_int_equal(result.size, 0);
		uidset_release(&sa);
		uidset_release(&sb);
		uidset_release(&result);
	}
}

static void
test_the_ends_of_the_range(void **state)
{
	struct uidset s;
	(void)state;

	uidset_init(&s);
	uidset_add(&s, UINT32_MAX, UINT32_MAX);
	uidset_add(&s, 1, 1);
	uidset_add(&s, UINT32_MAX - 1, UINT32_MAX - 1);
	assert_int_equal(s.count, 2);
	uidset_add(&s, 1, UINT32_MAX);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.size, UINT32_MAX);
	uidset_remove(&s, 2, UINT32_MAX);
	assert_int_equal(s.size, 1);
	assert_int_equal(uidset_max(&s), 1);
	uidset_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_star_of_an_empty_mailbox),
		cmocka_unit_test(test_changes_against_a_bitmap),
		cmocka_unit_test(test_set_operations_against_a_bitmap),
		cmocka_unit_test(test_the_ends_of_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
