/*
 * fetch_pull_test.c - the same answer, however it is cut into pulls and whatever happens between them
 */
#include <unistd.h>

#include "base/test.h"
#include "storesvc/fetch/test_fetch.h"

static struct test_box box;
static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	test_box_init(&box);
	test_box_open(&box);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	test_box_release(&box);
	arena_release(&arena);
	return 0;
}

/* The answer for message 1. */
static struct span
fetch_one(const char *item)
{
	struct test_fetch f;

	test_fetch_init(&f, &box, &arena, 1, 1);
	test_fetch_item(&f, item);
	struct span answer = test_fetch_run(&f);
	test_fetch_release(&f);
	return answer;
}

/* A message cut short, or gone, while it is being sent: as long as announced. */
static struct span big;

static void
cut_file(struct test_fetch *f, unsigned pull)
{
	if (pull == 2)
		assert_int_equal(truncate(test_mail_path(f->t, f->arena, 1), 5000), 0);
}

static void
remove_file(struct test_fetch *f, unsigned pull)
{
	if (pull != 2)
		return;
	assert_int_equal(unlink(test_mail_path(f->t, f->arena, 1)), 0);
	assert_true(status_ok(mailbox_refresh(f->t->box)));
}

static void
check_stays_in_step(void (*between)(struct test_fetch *f, unsigned pull))
{
	struct test_fetch f;

	test_mail_append(&box, big);
	test_mail_append(&box, SPAN_LIT("A: b\r\n\r\n"));
	test_fetch_init(&f, &box, &arena, 1, 2);
	test_fetch_item(&f, "BODY.PEEK[]");
	test_fetch_item(&f, "UID");
	f.request.max_bytes = 1000;
	f.between = between;
	struct span answer = test_fetch_run(&f);
	struct span literal = test_fetch_literal(answer);
	assert_int_equal(literal.len, big.len);
	assert_memory_equal(literal.at, big.at, 1500);
	assert_int_equal(literal.at[literal.len - 1], ' ');
	struct span rest = span_skip(answer, (size_t)(literal.at - answer.at) + literal.len);
	assert_true(span_starts(rest, SPAN_LIT(")\r\n")) || span_starts(rest, SPAN_LIT(" UID 1)\r\n")));
	assert_true(span_ends(rest, SPAN_LIT(")\r\n* 2 FETCH (BODY[] {8}\r\nA: b\r\n\r\n UID 2)\r\n")));
	test_fetch_release(&f);
}

static void
make_big(void)
{
	struct buf b;

	buf_init(&b, 0);
	buf_str(&b, "A: b\r\n\r\n");
	while (b.len < 20000)
		buf_printf(&b, "line %zu\r\n", b.len);
	big = arena_span(&arena, buf_view(&b));
	buf_release(&b);
}

static void
test_cut_short_while_sent(void **state)
{
	(void)state;
	make_big();
	check_stays_in_step(cut_file);
}

static void
test_vanished_while_sent(void **state)
{
	(void)state;
	make_big();
	check_stays_in_step(remove_file);
}

/* Longer than any buffer that is kept. */
static void
test_megabytes(void **state)
{
	struct test_fetch f;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_str(&b, "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n");
	size_t from = b.len;
	while (b.len < 3000000)
		buf_printf(&b, "line %zu\r\n", b.len);
	struct span part = arena_span(&arena, span_skip(buf_view(&b), from));
	buf_str(&b, "\r\n--x--\r\n");
	test_mail_append(&box, buf_view(&b));

	test_fetch_init(&f, &box, &arena, 1, 1);
	test_fetch_item(&f, "BODY.PEEK[1]");
	test_fetch_item(&f, "RFC822.SIZE");
	struct span answer = test_fetch_run(&f);
	assert_true(span_eq(test_fetch_literal(answer), part));
	assert_true(span_ends(answer, span_str(arena_printf(&arena, "RFC822.SIZE %zu)\r\n", b.len))));
	assert_true(f.pulls > 4);
	test_fetch_release(&f);

	/* In slices, as phones do: found again without counting from the start. */
	for (size_t at = 0; at < part.len; at += 65536) {
		struct span slice = fetch_one(arena_printf(&arena, "BODY.PEEK[1]<%zu.65536>", at));
		assert_true(span_eq(test_fetch_literal(slice), span_head(span_skip(part, at), 65536)));
	}
	buf_release(&b);
}

/* Whatever the size of a pull, the answer is the same. */
static void
test_pulls_of_any_size(void **state)
{
	static const char *const items[] = {
		"UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "MODSEQ", "BODY[]",
		"BODY[HEADER]", "BODY[TEXT]", "BODY[1]", "BODY[2.MIME]", "BODY[1.1]", "BODY[2.TEXT]", "BODY[]<30.50>",
		"BODY[TEXT]<17.1000>", "BODY[HEADER.FIELDS (Subject To)]", "BODY[HEADER.FIELDS.NOT (To)]<3.9>",
		"BODY[HEADER.FIELDS (Received)]", "BODY[1]<1.33>",
	};
	(void)state;
	for (int i = 0; i < 40; i++)
		test_mail_append(&box, test_mail_random(&arena));
	for (int round = 0; round < 60; round++) {
		struct test_fetch f;
		test_fetch_init(&f, &box, &arena, 1, 40);
		for (int n = 1 + test_below(4); n > 0; n--)
			test_fetch_item(&f, items[test_below(COUNT_OF(items))]);
		f.request.by_uid = test_below(2);
		for (size_t k = 0; k < f.request.n_items; k++)
			f.items[k]->peek = true;
		struct span whole = test_fetch_run(&f);
		f.request.max_bytes = 1 + test_below(test_below(2) ? 40 : 4000);
		struct span pieces = test_fetch_run(&f);
		assert_true(span_eq(whole, pieces));
		/* A pull ends within a message, or with what closes it. */
		assert_true(f.pulls > 1 || whole.len <= f.request.max_bytes + 100);
		test_fetch_release(&f);
	}
}

/* \Seen is told once for every message, however the answer is cut. */
static void
test_seen_in_pulls_of_any_size(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		test_mail_append(&box, test_mail_random(&arena));
	for (uint32_t max = 1; max < 20000; max = max * 3 + 1) {
		struct test_fetch f;
		test_box_flag(&box, 1, 20, FLAGS_REMOVE, "\\Seen");
		test_fetch_init(&f, &box, &arena, 1, 20);
		test_fetch_item(&f, "BODY[]");
		f.request.max_bytes = max;
		struct span answer = test_fetch_run(&f);
		unsigned told = 0;
		for (size_t i = 0; i + 14 < answer.len; i++)
			told += span_starts(span_skip(answer, i), SPAN_LIT(" FLAGS (\\Seen)"));
		assert_int_equal(told, 20);
		test_fetch_release(&f);
	}
}

/* What was stored comes back. */
static void
test_random_messages_come_back(void **state)
{
	(void)state;
	for (uint32_t uid = 1; uid <= 300; uid++) {
		struct test_fetch f;
		struct span message = test_mail_random(&arena);
		assert_int_equal(test_mail_append(&box, message), uid);
		test_fetch_init(&f, &box, &arena, uid, uid);
		test_fetch_item(&f, "BODY.PEEK[]");
		assert_true(span_eq(test_fetch_literal(test_fetch_run(&f)), message));
		test_fetch_release(&f);
	}
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(test_cut_short_while_sent),
		BOX_TEST(test_vanished_while_sent),
		BOX_TEST(test_megabytes),
		BOX_TEST(test_pulls_of_any_size),
		BOX_TEST(test_seen_in_pulls_of_any_size),
		BOX_TEST(test_random_messages_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
