/*
 * mutf7_test.c - modified UTF-7: one encoding for each name
 */
#include "mail/mutf7.h"

#include "base/test.h"
#include "mail/utf8.h"

static void
test_pairs(void **state)
{
	static const struct {
		const char *encoded, *utf8;
	} rows[] = {
		{ "", "" },
		{ "INBOX", "INBOX" },
		{ "&-", "&" },
		{ "a&-b&-", "a&b&" },
		{ "Entw&APw-rfe", "Entw\xc3\xbcrfe" },
		{ "&AOQA9gD8-", "\xc3\xa4\xc3\xb6\xc3\xbc" },
		{ "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
		{ "&2D3cWQ-", "\xf0\x9f\x91\x99" },
		{ "&AAE-", "\x01" },
		{ "&AH8-", "\x7f" },
		{ "&AOk-&-&AOk-", "\xc3\xa9&\xc3\xa9" },
		{ "a b~", "a b~" },
	};
	struct arena a;
	struct span out;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!mutf7_decode(&a, span_str(rows[i].encoded), &out) || !span_eq(out, span_str(rows[i].utf8)))
			fail_msg("%s does not decode", rows[i].encoded);
		if (!mutf7_encode(&a, span_str(rows[i].utf8), &out) || !span_eq(out, span_str(rows[i].encoded)))
			fail_msg("%s is not what it encodes to", rows[i].encoded);
	}
	arena_release(&a);
}

static void
test_malformed(void **state)
{
	static const struct span rows[] = {
		SPAN_LIT("&"),
		SPAN_LIT("a&"),
		SPAN_LIT("&AOk"),			/* not closed            */
		SPAN_LIT("&AOk="),
		SPAN_LIT("&AO/-"),			/* "/" is not a letter   */
		SPAN_LIT("&A-"),			/* not sixteen bits      */
		SPAN_LIT("&AOkA-"),			/* a unit and a half     */
		SPAN_LIT("&AOl-"),			/* padding is not zero   */
		SPAN_LIT("&AOkAAA-"),			/* NUL                   */
		SPAN_LIT("&AGE-"),			/* "a" needs no encoding */
		SPAN_LIT("&ACY-"),			/* nor does "&"          */
		SPAN_LIT("&AOk-&AOk-"),			/* one stretch, cut      */
		SPAN_LIT("&2D0-"),			/* half a surrogate pair */
		SPAN_LIT("&3Fk-"),
		SPAN_LIT("&2D0AYQ-"),
		SPAN_LIT("caf\xc3\xa9"),
		SPAN_LIT("a\tb"),
		SPAN_LIT("a\0b"),
		SPAN_LIT("a\x7f"),
	};
	struct arena a;
	struct span out;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (mutf7_decode(&a, rows[i], &out))
			fail_msg("row %zu decodes to %.*s", i, (int)out.len, out.at);
	assert_false(mutf7_encode(&a, SPAN_LIT("\xed\xa0\x80"), &out));
	assert_false(mutf7_encode(&a, SPAN_LIT("a\xff"), &out));
	assert_false(mutf7_encode(&a, SPAN_LIT("a\0b"), &out));
	arena_release(&a);
}

static uint32_t
random_character(void)
{
	static const uint32_t ranges[][2] = {
		{ 0x20, 0x7e }, { '&', '&' }, { '-', '-' }, { 0x01, 0x1f }, { 0xa0, 0x7ff }, { 0x800, 0xd7ff }, { 0xe000, 0x10ffff },
	};
	const uint32_t *range = ranges[test_below(COUNT_OF(ranges))];

	return range[0] + test_below(range[1] - range[0] + 1);
}

static void
test_encode_then_decode(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (int round = 0; round < 20000; round++) {
		char name[100];
		size_t len = 0;
		struct span encoded, decoded;
		for (uint32_t n = test_below(20); n > 0; n--)
			len += utf8_put(random_character(), name + len);
		assert_true(mutf7_encode(&a, span_of(name, len), &encoded));
		assert_true(mutf7_decode(&a, encoded, &decoded));
		assert_true(span_eq(decoded, span_of(name, len)));
		arena_reset(&a);
	}
	arena_release(&a);
}

/* Whatever decodes, encodes to the same bytes: two spellings never name one mailbox. */
static void
test_decode_then_encode(void **state)
{
	static const char bytes[] = "&-AOkQ9gD2cWa,+";
	struct arena a;
	int decoded = 0;
	(void)state;

	arena_init(&a, 0);
	for (int round = 0; round < 200000; round++) {
		char name[12];
		size_t len = test_below(sizeof(name));
		struct span utf8, again;
		for (size_t i = 0; i < len; i++)
			name[i] = bytes[test_below(sizeof(bytes) - 1)];
		if (!mutf7_decode(&a, span_of(name, len), &utf8))
			continue;
		decoded++;
		assert_true(utf8_valid(utf8, SIZE_MAX));
		assert_true(mutf7_encode(&a, utf8, &again));
		assert_true(span_eq(again, span_of(name, len)));
		arena_reset(&a);
	}
	assert_true(decoded > 1000);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_encode_then_decode),
		cmocka_unit_test(test_decode_then_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
