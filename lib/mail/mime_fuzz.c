/*
 * mime_fuzz.c - any bytes as a message, and as a table of one
 *
 * seeds: messages
 */
#include "base/panic.h"
#include "mail/message_summary.h"
#include "mail/mime_table.h"
#include "mail/search_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
parts_are_nested(const struct mime_part *root, struct span message)
{
	const char *end = message.at + message.len;

	for (const struct mime_part *p = root; p; p = mime_after(p)) {
		assert_that(p->body.at == p->header.at + p->header.len);
		assert_that(p->body.at + p->body.len <= end);
		assert_that(p->header_size >= p->header.len && p->body_size >= p->body.len);
		assert_that((p->kind == MIME_LEAF) == !p->children);
		if (p->parent)
			assert_that(p->header.at >= p->parent->body.at &&
			    p->body.at + p->body.len <= p->parent->body.at + p->parent->body.len);
	}
}

static void
table_gives_ranges_inside(struct arena *a, struct span bytes, uint64_t message_len)
{
	struct mime_table t;
	struct mime_range r;
	uint32_t numbers[3];

	if (!mime_table_decode(a, bytes, message_len, &t))
		return;
	for (uint32_t i = 0; i < 4 * 4 * 4 * 4; i++) {
		numbers[0] = i & 3;
		numbers[1] = i >> 2 & 3;
		numbers[2] = i >> 4 & 3;
		if (mime_table_find(&t, numbers, i % 4, (enum mime_section)(i >> 6), &r))
			assert_that(r.at <= message_len && r.len <= message_len - r.at && r.size >= r.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_of(data, size);
	struct message_summary s;
	struct arena a;

	arena_init(&a, 0);
	for (int raw = 0; raw < 2; raw++) {
		parts_are_nested(mime_parse(&a, message, raw ? MIME_RAW : 0, MIME_USUAL_LIMITS), message);
		parts_are_nested(mime_parse(&a, message, 0, (struct mime_limits){ 3, 5, 2 }), message);
		message_summary(&a, message, raw, &s);
		assert_that(span_index(s.bodystructure, '\0') == s.bodystructure.len);
		table_gives_ranges_inside(&a, s.mime_table, size);
	}
	table_gives_ranges_inside(&a, message, size);
	table_gives_ranges_inside(&a, message, 1000);
	const struct needle *n = needle_new(&a, span_head(message, size % 9));
	(void)search_message(n, &a, message, SEARCH_IN_TEXT);
	arena_release(&a);
	return 0;
}
