/*
 * mime_table_test.c - part numbers of RFC 9051 6.4.5, and damage
 */
#include "mail/mime_table.h"

#include "base/test.h"

/* The shape of the RFC's example: "1" text, "2" octets, "3" a message, "4" a multipart. */
static const char example[] =
	"Subject: top\nContent-Type: multipart/mixed; boundary=A\n\npreamble\n"
	"--A\n\nbody 1\n"
	"--A\nContent-Type: application/octet-stream\n\nbody 2\n"
	"--A\nContent-Type: message/rfc822\n\n"
		"Subject: inner\nContent-Type: multipart/mixed; boundary=B\n\n"
		"--B\n\nbody 3.1\n--B\nContent-Type: a/b\n\nbody 3.2\n--B--\n"
	"--A\nContent-Type: multipart/mixed; boundary=C\n\n"
		"--C\nContent-Type: image/gif\n\nbody 4.1\n"
		"--C\nContent-Type: message/rfc822\n\n"
			"Subject: deep\n\nbody 4.2.1\n"
		"--C--\n"
	"--A--\n";

static const char single[] = "Subject: s\n\nall\n";
static const char forwarded[] = "Content-Type: message/rfc822\n\nSubject: f\n\ninside\n";

static const struct {
	const char *message;
	const char *numbers;		/* a digit each */
	enum mime_section section;
	const char *shown;		/* NULL: no such part; otherwise what the bytes begin with */
	size_t len;			/* of all of them; 0: not looked at */
} rows[] = {
	{ example, "", MIME_SECTION_ALL, "Subject: top", sizeof(example) - 1 },
	{ example, "", MIME_SECTION_HEADER, "Subject: top", 56 },
	{ example, "", MIME_SECTION_TEXT, "preamble", sizeof(example) - 1 - 56 },
	{ example, "", MIME_SECTION_MIME, NULL, 0 },
	{ example, "1", MIME_SECTION_ALL, "body 1", 6 },
	{ example, "1", MIME_SECTION_MIME, "\n", 1 },
	{ example, "1", MIME_SECTION_HEADER, NULL, 0 },
	{ example, "1", MIME_SECTION_TEXT, NULL, 0 },
	{ example, "11", MIME_SECTION_ALL, NULL, 0 },
	{ example, "2", MIME_SECTION_ALL, "body 2", 6 },
	{ example, "2", MIME_SECTION_MIME, "Content-Type: application/octet-stream\n\n", 40 },
	{ example, "3", MIME_SECTION_ALL, "Subject: inner", 0 },
	{ example, "3", MIME_SECTION_HEADER, "Subject: inner", 58 },
	{ example, "3", MIME_SECTION_TEXT, "--B\n", 51 },
	{ example, "3", MIME_SECTION_MIME, "Content-Type: message/rfc822\n\n", 30 },
	{ example, "31", MIME_SECTION_ALL, "body 3.1", 8 },
	{ example, "32", MIME_SECTION_ALL, "body 3.2", 8 },
	{ example, "32", MIME_SECTION_MIME, "Content-Type: a/b\n\n", 19 },
	{ example, "33", MIME_SECTION_ALL, NULL, 0 },
	{ example, "4", MIME_SECTION_ALL, "--C", 0 },
	{ example, "4", MIME_SECTION_MIME, "Content-Type: multipart/mixed; boundary=C\n\n", 43 },
	{ example, "4", MIME_SECTION_TEXT, NULL, 0 },
	{ example, "41", MIME_SECTION_ALL, "body 4.1", 8 },
	{ example, "41", MIME_SECTION_MIME, "Content-Type: image/gif\n\n", 25 },
	{ example, "42", MIME_SECTION_HEADER, "Subject: deep\n\n", 15 },
	{ example, "42", MIME_SECTION_TEXT, "body 4.2.1", 10 },
	{ example, "421", MIME_SECTION_ALL, "body 4.2.1", 10 },
	{ example, "422", MIME_SECTION_ALL, NULL, 0 },
	{ example, "4211", MIME_SECTION_ALL, NULL, 0 },
	{ example, "5", MIME_SECTION_ALL, NULL, 0 },
	{ example, "0", MIME_SECTION_ALL, NULL, 0 },
	{ single, "1", MIME_SECTION_ALL, "all\n", 4 },
	{ single, "1", MIME_SECTION_MIME, "Subject: s\n\n", 12 },
	{ single, "1", MIME_SECTION_HEADER, NULL, 0 },
	{ single, "2", MIME_SECTION_ALL, NULL, 0 },
	{ single, "11", MIME_SECTION_ALL, NULL, 0 },
	{ forwarded, "1", MIME_SECTION_ALL, "Subject: f\n\ninside\n", 19 },
	{ forwarded, "1", MIME_SECTION_HEADER, "Subject: f\n\n", 12 },
	{ forwarded, "1", MIME_SECTION_TEXT, "inside\n", 7 },
	{ forwarded, "11", MIME_SECTION_ALL, "inside\n", 7 },
	{ forwarded, "111", MIME_SECTION_ALL, NULL, 0 },
};

static void
encode(struct arena *a, struct span message, struct buf *out)
{
	mime_table_encode(mime_parse(a, message, 0, MIME_USUAL_LIMITS), out);
}

static void
test_find(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span message = span_str(rows[i].message);
		uint32_t numbers[8];
		size_t count = strlen(rows[i].numbers);
		struct mime_table table;
		struct mime_range range;
		struct buf bytes;
		for (size_t n = 0; n < count; n++)
			numbers[n] = (uint32_t)(rows[i].numbers[n] - '0');
		buf_init(&bytes, 0);
		encode(&a, message, &bytes);
		assert_true(mime_table_decode(&a, buf_view(&bytes), message.len, &table));
		bool found = mime_table_find(&table, numbers, count, rows[i].section, &range);
		if (found != (rows[i].shown != NULL))
			fail_msg("row %zu: found is %d", i, found);
		if (found) {
			struct span got = span_head(span_skip(message, range.at), range.len);
			if (!span_starts(got, span_str(rows[i].shown)) || (rows[i].len && got.len != rows[i].len))
				fail_msg("row %zu gave %zu bytes: %.*s", i, got.len, (int)got.len, got.at);
		}
		buf_release(&bytes);
	}
	arena_release(&a);
}

static void
assert_same(const struct mime_part *part, struct span message, const struct mime_table *t)
{
	for (uint32_t i = 0; i < t->count; i++, part = mime_after(part)) {
		const struct mime_entry *e = &t->entries[i];
		uint32_t children = 0;
		for (const struct mime_part *c = part->children; c; c = c->next)
			children++;
		assert_int_equal(e->kind, part->kind);
		assert_int_equal(e->children, children);
		assert_int_equal(e->at, part->header.at - message.at);
		assert_int_equal(e->header_len, part->header.len);
		assert_int_equal(e->header_size, part->header_size);
		assert_int_equal(e->header_lines, part->header_lines);
		assert_int_equal(e->body_len, part->body.len);
		assert_int_equal(e->body_size, part->body_size);
		assert_int_equal(e->body_lines, part->body_lines);
	}
	assert_null(part);
}

static void
test_decode_gives_back_what_was_encoded(void **state)
{
	static const char *const messages[] = { example, single, forwarded, "", "\n" };
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(messages); i++) {
		struct span message = span_str(messages[i]);
		const struct mime_part *root = mime_parse(&a, message, 0, MIME_USUAL_LIMITS);
		struct mime_table table;
		struct buf bytes;
		buf_init(&bytes, 0);
		mime_table_encode(root, &bytes);
		assert_true(mime_table_decode(&a, buf_view(&bytes), message.len, &table));
		assert_same(root, root->header, &table);
		assert_false(mime_table_decode(&a, buf_view(&bytes), message.len + 1, &table));
		if (message.len)
			assert_false(mime_table_decode(&a, buf_view(&bytes), message.len - 1, &table));
		buf_release(&bytes);
	}
	arena_release(&a);
}

static void
assert_inside(const struct mime_table *t, uint64_t len)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct mime_entry *e = &t->entries[i];
		assert_true(e->at <= len && e->header_len <= len - e->at && e->body_len <= len - e->at - e->header_len);
		assert_true(e->end > i && e->end <= t->count);
	}
}

/* Truncated tables are refused; bent ones are refused or harmless. */
static void
test_damage(void **state)
{
	struct arena a;
	struct buf bytes;
	struct mime_table table;
	struct mime_range range;
	struct span message = span_str(example);
	(void)state;

	arena_init(&a, 0);
	buf_init(&bytes, 0);
	encode(&a, message, &bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_false(mime_table_decode(&a, span_head(buf_view(&bytes), len), message.len, &table));
	buf_char(&bytes, 0);
	assert_false(mime_table_decode(&a, buf_view(&bytes), message.len, &table));
	bytes.len--;
	for (int round = 0; round < 50000; round++) {
		size_t at = test_below((uint32_t)bytes.len);
		char before = bytes.at[at];
		bytes.at[at] = (char)test_random();
		if (mime_table_decode(&a, buf_view(&bytes), message.len, &table)) {
			assert_inside(&table, message.len);
			uint32_t numbers[3] = { test_below(6), test_below(4), test_below(3) };
			if (mime_table_find(&table, numbers, 1 + test_below(3), MIME_SECTION_TEXT, &range))
				assert_true(range.at + range.len <= message.len);
		}
		if (test_below(4))
			bytes.at[at] = before;
		if (test_below(20) == 0) {
			buf_reset(&bytes);
			encode(&a, message, &bytes);
		}
		arena_reset(&a);
	}
	buf_release(&bytes);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_decode_gives_back_what_was_encoded),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
