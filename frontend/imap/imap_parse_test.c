/*
 * imap_parse_test.c - rules in rows, each whole and one byte at a time
 *
 * "One byte at a time": every beginning of the input either is undecided (MORE)
 * or already gives what the whole gives, and OK never comes before all bytes of the value
 * have.
 */
#include "frontend/imap/imap_parse.h"

#include "base/buf.h"
#include "base/test.h"

typedef enum parse rule_fn(struct imap_parser *p, struct buf *printed);

struct outcome {
	enum parse result;
	size_t at;
	char printed[1024];
};

static struct outcome
run(rule_fn *rule, struct span in)
{
	struct imap_parser p;
	struct outcome o = { 0 };
	struct arena arena;
	struct buf printed;

	/* A copy of just these bytes, so that reading past them is seen. */
	char *copy = malloc(in.len + 1);
	if (in.len)
		memcpy(copy, in.at, in.len);
	char *exact = realloc(copy, in.len ? in.len : 1);
	arena_init(&arena, 0);
	buf_init(&printed, sizeof(o.printed) - 1);
	imap_parser_init(&p, &arena, span_of(exact, in.len));
	o.result = rule(&p, &printed);
	o.at = p.at;
	if (o.result == PARSE_OK && printed.len)
		memcpy(o.printed, printed.at, printed.len);
	buf_release(&printed);
	arena_release(&arena);
	free(exact);
	return o;
}

static void
check_beginnings(rule_fn *rule, const char *input, const struct outcome *whole)
{
	for (size_t len = 0; len < strlen(input); len++) {
		struct outcome o = run(rule, span_of(input, len));
		if (o.result == PARSE_MORE) {
			if (o.at != 0)
				fail_msg("MORE moved the cursor: \"%.*s\"", (int)len, input);
			continue;
		}
		if (o.result != whole->result || o.at != whole->at || strcmp(o.printed, whole->printed) != 0)
			fail_msg("\"%.*s\" gave %d \"%s\", all of \"%s\" gave %d \"%s\"", (int)len, input,
			    o.result, o.printed, input, whole->result, whole->printed);
		if (o.result == PARSE_OK && len < o.at)
			fail_msg("\"%.*s\" was OK too early", (int)len, input);
	}
}

struct row {
	const char *input;
	const char *value;		/* NULL: BAD */
	size_t left;			/* bytes behind the value */
};

static void
check_rows(rule_fn *rule, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		struct outcome o = run(rule, span_str(r->input));
		enum parse expected = r->value ? PARSE_OK : PARSE_BAD;
		if (o.result != expected)
			fail_msg("\"%s\" gave %d", r->input, o.result);
		if (r->value && strcmp(o.printed, r->value) != 0)
			fail_msg("\"%s\" gave \"%s\"", r->input, o.printed);
		size_t at = r->value ? strlen(r->input) - r->left : 0;
		if (o.at != at)
			fail_msg("\"%s\" left the cursor at %zu", r->input, o.at);
		check_beginnings(rule, r->input, &o);
	}
}

#define CHECK(rule, ...)							\
	do {									\
		static const struct row rows[] = { __VA_ARGS__ };		\
		check_rows(rule, rows, COUNT_OF(rows));				\
	} while (0)

/* --- rules as functions that print what they found ------------------------- */

#define SPAN_RULE(name)								\
	static enum parse							\
	name(struct imap_parser *p, struct buf *printed)			\
	{									\
		struct span value;						\
		TRY(rule_##name(p, &value));					\
		buf_span(printed, value);					\
		return PARSE_OK;						\
	}

SPAN_RULE(tag)
SPAN_RULE(atom)
SPAN_RULE(keyword)
SPAN_RULE(quoted)
SPAN_RULE(literal)
SPAN_RULE(astring)
SPAN_RULE(list_mailbox)
SPAN_RULE(sequence_set)
SPAN_RULE(flag)

static enum parse
nstring(struct imap_parser *p, struct buf *printed)
{
	struct span value;

	TRY(rule_nstring(p, &value));
	if (!value.at) {
		buf_str(printed, "nil");
		return PARSE_OK;
	}
	buf_char(printed, '=');
	buf_span(printed, value);
	return PARSE_OK;
}

static enum parse
number(struct imap_parser *p, struct buf *printed)
{
	uint32_t value;

	TRY(rule_number(p, &value));
	buf_number(printed, value);
	return PARSE_OK;
}

static enum parse
nz_number(struct imap_parser *p, struct buf *printed)
{
	uint32_t value;

	TRY(rule_nz_number(p, &value));
	buf_number(printed, value);
	return PARSE_OK;
}

static enum parse
number64(struct imap_parser *p, struct buf *printed)
{
	uint64_t value;

	TRY(rule_number64(p, &value));
	buf_number(printed, value);
	return PARSE_OK;
}

static enum parse
flag_list(struct imap_parser *p, struct buf *printed)
{
	struct imap_strings flags;

	TRY(rule_flag_list(p, &flags));
	for (size_t i = 0; i < flags.count; i++) {
		if (i)
			buf_char(printed, '|');
		buf_span(printed, flags.items[i]);
	}
	return PARSE_OK;
}

static enum parse
date(struct imap_parser *p, struct buf *printed)
{
	int32_t day;

	TRY(rule_date(p, &day));
	buf_printf(printed, "%d", day);
	return PARSE_OK;
}

static enum parse
date_time(struct imap_parser *p, struct buf *printed)
{
	int64_t seconds;

	TRY(rule_date_time(p, &seconds));
	buf_printf(printed, "%lld", (long long)seconds);
	return PARSE_OK;
}

static enum parse
space(struct imap_parser *p, struct buf *printed)
{
	(void)printed;
	return rule_space(p);
}

static enum parse
end(struct imap_parser *p, struct buf *printed)
{
	(void)printed;
	return rule_end(p);
}

static enum parse
maybe_nil(struct imap_parser *p, struct buf *printed)
{
	bool found;

	TRY(rule_maybe_word(p, "NIL", &found));
	buf_str(printed, found ? "yes" : "no");
	return PARSE_OK;
}

/* --- rows ------------------------------------------------------------------------ */

static void
test_words(void **state)
{
	(void)state;
	CHECK(tag, { "a1 ", "a1", 1 }, { "A.b-c]! ", "A.b-c]!", 1 }, { " a", NULL, 0 }, { "+ x", NULL, 0 },
	    { "a+b ", "a", 3 }, { "\r\n", NULL, 0 }, { "\"a\" ", NULL, 0 }, { "\x80 ", NULL, 0 },
	    { "0123456789012345678901234567890123456789012345678901234567890123 ",
	      "0123456789012345678901234567890123456789012345678901234567890123", 1 },
	    { "0123456789012345678901234567890123456789012345678901234567890123X ", NULL, 0 });
	CHECK(atom, { "LOGIN ", "LOGIN", 1 }, { "a&b\r\n", "a&b", 2 }, { "a]", "a", 1 }, { "a(b ", "a", 3 },
	    { "%", NULL, 0 }, { "*", NULL, 0 }, { "\\Seen ", NULL, 0 }, { "{3}", NULL, 0 }, { "\x7f ", NULL, 0 },
	    { "a\x80 ", "a", 2 });
	CHECK(keyword, { "BODY.PEEK[", "BODY.PEEK", 1 }, { "RFC822.SIZE)", "RFC822.SIZE", 1 },
	    { "SPECIAL-USE ", "SPECIAL-USE", 1 }, { "[", NULL, 0 });
	CHECK(maybe_nil, { "NIL ", "yes", 1 }, { "nil)", "yes", 1 }, { "NILE ", "no", 5 }, { "\"NIL\"", "no", 5 },
	    { " NIL ", "no", 5 });
	CHECK(space, { " x", "", 1 }, { "   x", "", 1 }, { "  \r\n", NULL, 0 }, { "x", NULL, 0 }, { "\t", NULL, 0 }, { "\r\n", NULL, 0 });
	CHECK(end, { "\r\n", "", 0 }, { "\n", "", 0 }, { "\r\r\n", NULL, 0 }, { "  \r\n", "", 0 }, { " x", NULL, 0 },
	    { "x", NULL, 0 });
}

static void
test_strings(void **state)
{
	(void)state;
	CHECK(quoted, { "\"\" ", "", 1 }, { "\"abc\"", "abc", 0 }, { "\"a\\\"b\\\\c\"x", "a\"b\\c", 1 },
	    { "\"a\\b\"", NULL, 0 }, { "\"a\r\n\"", NULL, 0 }, { "\"\xc3\xa9\"", NULL, 0 }, { "abc", NULL, 0 },
	    { "\"{3}\"", "{3}", 0 }, { "\"\\\r\"", NULL, 0 });
	CHECK(literal, { "{3}\r\nabc ", "abc", 1 }, { "{3+}\r\nabc", "abc", 0 }, { "{0}\r\n", "", 0 },
	    { "{4}\r\n\r\n{}x", "\r\n{}", 1 }, { "{2}\r\n\xc3\xa9", "\xc3\xa9", 0 }, { "{3}\nabc", "abc", 0 },
	    { "{a}\r\n", NULL, 0 }, { "{3 }\r\nabc", NULL, 0 }, { "{3-}\r\nabc", NULL, 0 }, { "{-1}\r\n", NULL, 0 },
	    { "{3}abc", NULL, 0 }, { "{4294967296}\r\n", NULL, 0 }, { "{+}\r\n", NULL, 0 });
	CHECK(astring, { "INBOX ", "INBOX", 1 }, { "a]b\r\n", "a]b", 2 }, { "\"a b\"\r\n", "a b", 2 },
	    { "{3}\r\na b\r\n", "a b", 2 }, { "%", NULL, 0 }, { "(", NULL, 0 });
	CHECK(nstring, { "NIL ", "nil", 1 }, { "\"NIL\" ", "=NIL", 1 }, { "\"\" ", "=", 1 },
	    { "{3}\r\nNIL ", "=NIL", 1 }, { "NILL ", NULL, 0 }, { "x ", NULL, 0 });
	CHECK(list_mailbox, { "%\r\n", "%", 2 }, { "a/*] ", "a/*]", 1 }, { "\"\" ", "", 1 }, { "\"%\" ", "%", 1 },
	    { "{1}\r\n* ", "*", 1 }, { "(", NULL, 0 });
}

static void
test_nul_is_in_no_string(void **state)
{
	(void)state;
	assert_int_equal(run(literal, span_of("{3}\r\na\0b ", 9)).result, PARSE_BAD);
	assert_int_equal(run(quoted, span_of("\"a\0b\"", 5)).result, PARSE_BAD);
	assert_int_equal(run(atom, span_of("\0 ", 2)).result, PARSE_BAD);
}

static void
test_eight_bit_where_allowed(void **state)
{
	struct imap_parser p;
	struct arena arena;
	struct span value;

	(void)state;
	arena_init(&arena, 0);
	imap_parser_init(&p, &arena, SPAN_LIT("\"p\xc3\xa4ss\" "));
	p.eight_bit = true;
	assert_int_equal(rule_quoted(&p, &value), PARSE_OK);
	assert_true(span_eq(value, SPAN_LIT("p\xc3\xa4ss")));
	arena_release(&arena);
}

static void
test_numbers(void **state)
{
	(void)state;
	CHECK(number, { "0 ", "0", 1 }, { "4294967295 ", "4294967295", 1 }, { "4294967296 ", NULL, 0 },
	    { "99999999999999999999999 ", NULL, 0 }, { "x", NULL, 0 }, { "-1 ", NULL, 0 });
	CHECK(nz_number, { "1 ", "1", 1 }, { "0 ", NULL, 0 }, { "01 ", NULL, 0 });
	CHECK(number64, { "9223372036854775807 ", "9223372036854775807", 1 }, { "9223372036854775808 ", NULL, 0 });
	CHECK(sequence_set, { "1 ", "1", 1 }, { "1:3,5,7:* ", "1:3,5,7:*", 1 }, { "* ", "*", 1 }, { "*:4 ", "*:4", 1 },
	    { "3:1\r\n", "3:1", 2 }, { "0 ", NULL, 0 }, { "1,,2 ", NULL, 0 }, { "1: ", NULL, 0 }, { ":1 ", NULL, 0 },
	    { "1:2:3 ", NULL, 0 }, { "1, ", NULL, 0 }, { ",1 ", NULL, 0 }, { "4294967296 ", NULL, 0 }, { "** ", NULL, 0 },
	    { "$ ", NULL, 0 }, { "a ", NULL, 0 }, { "01 ", NULL, 0 }, { "1:0 ", NULL, 0 });
}

static void
test_flags(void **state)
{
	(void)state;
	CHECK(flag, { "\\Seen ", "\\Seen", 1 }, { "$Label1)", "$Label1", 1 }, { "\\ ", NULL, 0 }, { "\\* ", NULL, 0 },
	    { "\\\\Seen ", NULL, 0 }, { "(", NULL, 0 });
	CHECK(flag_list, { "() ", "", 1 }, { "(\\Seen)", "\\Seen", 0 }, { "(\\Seen Junk \\Deleted)\r\n",
	    "\\Seen|Junk|\\Deleted", 2 }, { "( \\Seen)", "\\Seen", 0 }, { "(\\Seen  a )", "\\Seen|a", 0 }, { "( )", "", 0 }, { "(\\Seen\r\n", NULL, 0 },
	    { "\\Seen ", NULL, 0 });
}

static void
test_dates(void **state)
{
	(void)state;
	CHECK(date, { "1-Jan-1970 ", "0", 1 }, { "\"2-Jan-1970\" ", "1", 1 }, { "01-feb-1994\r\n", "8797", 2 },
	    { "29-Feb-2023 ", NULL, 0 }, { "1-Foo-1994 ", NULL, 0 }, { "1994-02-01 ", NULL, 0 });
	CHECK(date_time, { "\"17-Jul-1996 02:44:25 -0700\" ", "837596665", 1 },
	    { "\" 1-Jan-1970 00:00:00 +0000\" ", "0", 1 }, { "\"17-Jul-1996\" ", NULL, 0 },
	    { "\"17-Jul-1996 25:44:25 -0700\" ", NULL, 0 }, { "17-Jul-1996 ", NULL, 0 });
}

static void
test_long_lists_end(void **state)
{
	struct imap_parser p;
	struct imap_strings flags;
	struct arena arena;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_char(&b, '(');
	for (int i = 0; i < IMAP_MAX_ITEMS; i++)
		buf_printf(&b, "%sf%d", i ? " " : "", i);
	size_t len = b.len;
	buf_str(&b, ") ");
	arena_init(&arena, 0);
	imap_parser_init(&p, &arena, buf_view(&b));
	assert_int_equal(rule_flag_list(&p, &flags), PARSE_OK);
	assert_int_equal(flags.count, IMAP_MAX_ITEMS);
	assert_true(span_eq(flags.items[IMAP_MAX_ITEMS - 1], SPAN_LIT("f4095")));
	b.len = len;
	buf_str(&b, " more) ");
	imap_parser_init(&p, &arena, buf_view(&b));
	assert_int_equal(rule_flag_list(&p, &flags), PARSE_BAD);
	arena_release(&arena);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_nul_is_in_no_string),
		cmocka_unit_test(test_eight_bit_where_allowed),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_long_lists_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
