/*
 * mime_test.c - structures of messages good and bad, and what is true of all
 *
 * A structure is shown as type/subtype, then the body in quotes for a leaf,
 * children in parentheses otherwise.
 */
#include "mail/mime.h"

#include "base/test.h"
#include "mail/line_ends.h"

static void
show(const struct mime_part *part, struct buf *out)
{
	buf_span(out, part->content.type);
	buf_char(out, '/');
	buf_span(out, part->content.subtype);
	if (part->opaque)
		buf_char(out, '!');
	buf_char(out, part->kind == MIME_LEAF ? '\'' : '(');
	if (part->kind == MIME_LEAF)
		buf_span(out, part->body);
	for (const struct mime_part *c = part->children; c; c = c->next)
		show(c, out);
	buf_char(out, part->kind == MIME_LEAF ? '\'' : ')');
}

/* The promises of mime.h. */
static void
assert_sound(const struct mime_part *part, bool raw)
{
	uint32_t lines;
	unsigned children = 0;

	assert_ptr_equal(part->header.at + part->header.len, part->body.at);
	uint64_t served = line_ends_served_size(part->header, &lines);
	assert_int_equal(part->header_size, raw ? part->header.len : served);
	assert_int_equal(part->header_lines, lines);
	served = line_ends_served_size(part->body, &lines);
	assert_int_equal(part->body_size, raw ? part->body.len : served);
	assert_int_equal(part->body_lines, lines);
	const char *from = part->body.at, *end = part->body.at + part->body.len;
	for (const struct mime_part *c = part->children; c; c = c->next, children++) {
		assert_ptr_equal(c->parent, part);
		assert_true(c->header.at >= from && c->body.at + c->body.len <= end);
		from = c->body.at + c->body.len;
		assert_sound(c, raw);
	}
	if (part->kind == MIME_LEAF)
		assert_int_equal(children, 0);
	else if (part->kind == MIME_MESSAGE)
		assert_int_equal(children, 1);
	else
		assert_true(children > 0);
}

/* With LF turned into CRLF everything else stays the same. */
static void
assert_same_with_crlf(struct arena *a, struct span message, const struct mime_part *root, struct mime_limits limits)
{
	struct buf crlf;

	buf_init(&crlf, 0);
	lf_to_crlf_all(message, &crlf);
	const struct mime_part *other = mime_parse(a, buf_view(&crlf), 0, limits);
	for (; root && other; root = mime_after(root), other = mime_after(other)) {
		assert_int_equal(root->kind, other->kind);
		assert_int_equal(root->header_size, other->header.len);
		assert_int_equal(root->body_size, other->body.len);
		assert_int_equal(root->body_lines, other->body_lines);
	}
	assert_true(!root && !other);
	buf_release(&crlf);
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"
#define PLAIN "Content-Type: text/plain\n\n"

static const struct {
	const char *message, *shown;
} rows[] = {
	{ "", "text/plain''" },
	{ "\n", "text/plain''" },
	{ "A: b\n\nbody\n", "text/plain'body\n'" },
	{ "A: b\n", "text/plain''" },
	{ "Content-Type: image/png\n\nx", "image/png'x'" },
	{ "Content-Type: IMAGE/Png\nContent-Type: a/b\n\nx", "IMAGE/Png'x'" },
	{ "Content-Type: nonsense\n\nx", "text/plain'x'" },

	{ MIXED "--b\n\none\n--b\n\ntwo\n--b--\n", "multipart/mixed(text/plain'one'text/plain'two')" },
	{ MIXED "before\n--b\n\none\n\n--b--\nafter\n--b\nno", "multipart/mixed(text/plain'one\n')" },
	{ MIXED "--b  \n" PLAIN "one\n--b-- \t\n", "multipart/mixed(text/plain'one')" },
	{ MIXED "--b", "multipart/mixed(text/plain'')" },
	{ MIXED "--b\n", "multipart/mixed(text/plain'')" },
	{ MIXED "--b\n\none", "multipart/mixed(text/plain'one')" },
	{ MIXED "--b\n\none\n", "multipart/mixed(text/plain'one\n')" },
	{ MIXED "--b\n\n--b\n\n--b--", "multipart/mixed(text/plain''text/plain'')" },
	{ MIXED "--b\n--b\n--b--", "multipart/mixed(text/plain''text/plain'')" },
	{ MIXED "--b\nA: header\n--b\n\ntwo\n--b--", "multipart/mixed(text/plain''text/plain'two')" },
	{ MIXED "--b\n\n --b\n-b\n--B\n--b--", "multipart/mixed(text/plain' --b\n-b\n--B')" },
	/* A header that runs into its own boundary. */
	{ "Content-Type: multipart/mixed; boundary=b\n--b\n\none\n--b--", "multipart/mixed(text/plain'one')" },
	{ "Content-Type: multipart/mixed;\n boundary*=us-ascii''%62\n\n--b\n\none\n--b--", "multipart/mixed(text/plain'one')" },
	{ "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\none\n--b--", "multipart/mixed(text/plain'one')" },

	/* No parts: the body is the one part. */
	{ MIXED "nothing\n", "multipart/mixed(text/plain'nothing\n')" },
	{ MIXED, "multipart/mixed(text/plain'')" },
	{ "Content-Type: multipart/mixed\n\n--b\n\none\n", "multipart/mixed(text/plain'--b\n\none\n')" },
	{ "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\none\n", "multipart/mixed(text/plain'--\n\none\n')" },

	/* Multiparts in multiparts. */
	{ MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\n1\n--c\n\n2\n--c--\n\n--b\n\n3\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'1'text/plain'2')text/plain'3')" },
	{ MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\n1\n--b\n\n3\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'1')text/plain'3')" },
	/* The longest boundary that fits is meant. */
	{ MIXED "--b\nContent-Type: multipart/alternative; boundary=bc\n\n--bc\n\n1\n--bc--\n--b\n\n3\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'1')text/plain'3')" },
	{ "Content-Type: multipart/mixed; boundary=bc\n\n--bc\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n1\n--bc\n\n3\n--bc--\n",
	  "multipart/mixed(multipart/alternative(text/plain'1')text/plain'3')" },
	/* Of equal ones, the innermost, until it is closed. */
	{ MIXED "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n1\n--b--\n--b\n\n3\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'1')text/plain'3')" },

	/* Messages in messages. */
	{ "Content-Type: message/rfc822\n\nA: b\n\ninside\n", "message/rfc822(text/plain'inside\n')" },
	{ "Content-Type: message/rfc822\n\n", "message/rfc822(text/plain'')" },
	{ MIXED "--b\nContent-Type: message/RFC822\n\nA: b\n--b\n\n2\n--b--",
	  "multipart/mixed(message/RFC822(text/plain'')text/plain'2')" },
	{ MIXED "--b\nContent-Type: message/rfc822\n\n" "Content-Type: multipart/x; boundary=c\n\n--c\n\n1\n--b\n\n2",
	  "multipart/mixed(message/rfc822(multipart/x(text/plain'1'))text/plain'2')" },
	{ MIXED "--b\nContent-Type: message/rfc822\n--b--", "multipart/mixed(message/rfc822(text/plain''))" },
	{ "Content-Type: message/delivery-status\n\nA: b\n\nC: d\n", "message/delivery-status'A: b\n\nC: d\n'" },
	{ "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\n1\n--b\nContent-Type: a/b\n\n2\n--b--",
	  "multipart/digest(message/rfc822(text/plain'1')a/b'2')" },
};

static void
test_structures(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span message = span_str(rows[i].message);
		struct buf out;
		buf_init(&out, 0);
		const struct mime_part *root = mime_parse(&a, message, 0, MIME_USUAL_LIMITS);
		show(root, &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].shown)))
			fail_msg("row %zu gave %.*s", i, (int)out.len, out.at);
		assert_sound(root, false);
		assert_sound(mime_parse(&a, message, MIME_RAW, MIME_USUAL_LIMITS), true);
		assert_same_with_crlf(&a, message, root, MIME_USUAL_LIMITS);
		buf_release(&out);
	}
	arena_release(&a);
}

static void
test_every_prefix_is_sound(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span message = span_str(rows[i].message);
		for (size_t len = 0; len <= message.len; len++) {
			assert_sound(mime_parse(&a, span_head(message, len), 0, MIME_USUAL_LIMITS), false);
			arena_reset(&a);
		}
	}
	arena_release(&a);
}

static void
test_fields(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	const struct mime_part *part = mime_parse(&a, SPAN_LIT(
	    "content-type: text/plain; charset=x\nContent-Transfer-Encoding: BASE64 (c)\nContent-ID: <i>\n"
	    "Content-Description: d\n folded\nContent-Disposition: inline\nContent-MD5: m\nContent-Language: en\n"
	    "Content-Location: l\nContent-Lengthy: no\nContent-: no\nContent-ID: <second>\n\nx"), 0, MIME_USUAL_LIMITS);
	assert_int_equal(part->encoding, TRANSFER_BASE64);
	assert_true(span_eq(part->fields.id, SPAN_LIT(" <i>")));
	assert_true(span_eq(part->fields.description, SPAN_LIT(" d\n folded")));
	assert_true(span_eq(part->fields.disposition, SPAN_LIT(" inline")));
	assert_true(span_eq(part->fields.md5, SPAN_LIT(" m")));
	assert_true(span_eq(part->fields.language, SPAN_LIT(" en")));
	assert_true(span_eq(part->fields.location, SPAN_LIT(" l")));
	assert_true(mime_is_text(part));
	arena_release(&a);
}

static void
test_limits(void **state)
{
	static const struct {
		struct mime_limits limits;
		const char *shown;
	} limited[] = {
		{ { 3, 10, 10 }, "multipart/mixed(multipart/mixed(message/rfc822(text/plain'1'))text/plain'2')" },
		{ { 2, 10, 10 }, "multipart/mixed(multipart/mixed(message/rfc822!'\n1')text/plain'2')" },
		{ { 1, 10, 10 }, "multipart/mixed(multipart/mixed!'--c\nContent-Type: message/rfc822\n\n\n1\n--c--'text/plain'2')" },
		{ { 0, 10, 10 }, "multipart/mixed!" },
		{ { 3, 4, 10 }, "multipart/mixed(multipart/mixed(message/rfc822(text/plain'1')))" },
		{ { 3, 3, 10 }, "multipart/mixed(multipart/mixed(message/rfc822!'\n1'))" },
		{ { 3, 2, 10 }, "multipart/mixed(multipart/mixed!'--c\n" },
		{ { 3, 1, 10 }, "multipart/mixed!" },
		{ { 3, 10, 0 }, "multipart/mixed(text/plain'--b\n" },	/* the boundary is a parameter */
	};
	struct span message = SPAN_LIT(MIXED "--b\nContent-Type: multipart/mixed; boundary=c\n\n"
	    "--c\nContent-Type: message/rfc822\n\n\n1\n--c--\n--b\n\n2\n--b--");
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(limited); i++) {
		struct buf out;
		buf_init(&out, 0);
		const struct mime_part *root = mime_parse(&a, message, 0, limited[i].limits);
		show(root, &out);
		if (!span_starts(buf_view(&out), span_str(limited[i].shown)))
			fail_msg("row %zu gave %.*s", i, (int)out.len, out.at);
		assert_sound(root, false);
		assert_same_with_crlf(&a, message, root, limited[i].limits);
		buf_release(&out);
	}
	arena_release(&a);
}

/* Sizes at which anything quadratic would not finish. */
static void
test_large_and_deep(void **state)
{
	struct arena a;
	struct buf m;
	(void)state;

	arena_init(&a, 0);
	buf_init(&m, 0);
	buf_str(&m, MIXED);
	for (int i = 0; i < 100000; i++)
		buf_str(&m, "--b\n\nx\n");
	const struct mime_part *root = mime_parse(&a, buf_view(&m), 0, MIME_USUAL_LIMITS);
	unsigned parts = 0;
	for (const struct mime_part *p = root; p; p = mime_after(p))
		parts++;
	assert_int_equal(parts, MIME_USUAL_LIMITS.parts);
	assert_sound(root, false);

	buf_reset(&m);
	for (int i = 0; i < 20000; i++)
		buf_printf(&m, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	root = mime_parse(&a, buf_view(&m), 0, MIME_USUAL_LIMITS);
	assert_sound(root, false);
	unsigned depth = 0;
	for (const struct mime_part *p = root; p; p = p->children)
		depth++;
	assert_int_equal(depth, MIME_USUAL_LIMITS.depth + 1);

	buf_reset(&m);
	for (int i = 0; i < 20000; i++)
		buf_str(&m, "Content-Type: message/rfc822\n\n");
	assert_sound(mime_parse(&a, buf_view(&m), 0, MIME_USUAL_LIMITS), false);

	/* A boundary as long as the body, and lines that all but match it. */
	buf_reset(&m);
	buf_str(&m, "Content-Type: multipart/mixed; boundary=\"");
	for (int i = 0; i < 1000000; i++)
		buf_char(&m, '-');
	buf_str(&m, "x\"\n\n");
	for (int i = 0; i < 1000000; i++)
		buf_char(&m, i % 1000 ? '-' : '\n');
	assert_sound(mime_parse(&a, buf_view(&m), 0, MIME_USUAL_LIMITS), false);
	buf_release(&m);
	arena_release(&a);
}

/* Messages made of the pieces that matter, in any order. */
static void
test_random_messages_are_sound(void **state)
{
	static const char *const pieces[] = {
		"\n", "\r\n", "\n\n", "\r", "x", "--", "--b", "--b--", "--c", "--c--", "--bc\n", " ",
		"Content-Type: multipart/mixed; boundary=b\n", "Content-Type: multipart/x; boundary=c\r\n",
		"Content-Type: multipart/digest; boundary=bc\n", "Content-Type: message/rfc822\n",
		"Content-Type: text/plain\n", "A: b\n", "--b\n", "--c\n", "--b--\n", "\n--b\n\n",
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (int round = 0; round < 20000; round++) {
		struct mime_limits limits = { test_below(6), 1 + test_below(12), 10 };
		struct buf m;
		buf_init(&m, 0);
		for (uint32_t n = test_below(30); n > 0; n--)
			buf_str(&m, pieces[test_below(COUNT_OF(pieces))]);
		assert_sound(mime_parse(&a, buf_view(&m), 0, limits), false);
		assert_sound(mime_parse(&a, buf_view(&m), MIME_RAW, limits), true);
		buf_release(&m);
		arena_reset(&a);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structures),
		cmocka_unit_test(test_every_prefix_is_sound),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_large_and_deep),
		cmocka_unit_test(test_random_messages_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
