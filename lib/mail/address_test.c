/*
 * address_test.c - address lists of RFC 5322, of its obsolete forms, and of real mail
 *
 * Shown as name|route|mailbox|host with ~ for an absent string, and {group ... }.
 */
#include "mail/address.h"

#include "base/buf.h"
#include "base/test.h"

static void
show_string(struct span s, struct buf *out)
{
	if (s.at)
		buf_span(out, s);
	else
		buf_char(out, '~');
}

static void
show(const struct address *a, struct buf *out)
{
	for (; a; a = a->next) {
		if (out->len)
			buf_char(out, ' ');
		if (a->kind == ADDRESS_GROUP_START) {
			buf_char(out, '{');
			show_string(a->mailbox, out);
		} else if (a->kind == ADDRESS_GROUP_END) {
			buf_char(out, '}');
		} else {
			show_string(a->name, out);
			buf_char(out, '|');
			show_string(a->route, out);
			buf_char(out, '|');
			show_string(a->mailbox, out);
			buf_char(out, '|');
			show_string(a->host, out);
		}
	}
}

static const struct {
	const char *value, *shown;
} rows[] = {
	{ "a@b", "~|~|a|b" },
	{ " a@b.c , d@e ", "~|~|a|b.c ~|~|d|e" },
	{ "<a@b>", "~|~|a|b" },
	{ "John Doe <john.doe@example.com>", "John Doe|~|john.doe|example.com" },
	{ "\"Doe, John\" <j@d>", "Doe, John|~|j|d" },
	{ "\"quo\\\"te\" <j@d>", "quo\"te|~|j|d" },
	{ "John  Q.  Doe <j@d>", "John Q. Doe|~|j|d" },
	{ "John\r\n Doe <j@d>", "John Doe|~|j|d" },
	{ "j@d (John Doe)", "John Doe|~|j|d" },
	{ "(before) j@d", "before|~|j|d" },
	{ "j@d (John (the) Doe \\(x)", "John (the) Doe (x|~|j|d" },
	{ "Name <j@d> (comment)", "Name|~|j|d" },
	{ "<j(a)@(b)d(c)>", "~|~|j|d" },
	{ "\"j d\"@e", "~|~|j d|e" },
	{ "j . d @ e . f", "~|~|j.d|e.f" },
	{ "j@[127.0.0.1]", "~|~|j|[127.0.0.1]" },
	{ "<@a,@b:j@d>", "~|@a,@b|j|d" },
	{ "N <@a.x , @b:j@d>", "N|@a.x,@b|j|d" },
	{ "[List] News <n@l>", "[List] News|~|n|l" },
	{ "=?utf-8?Q?a,b:)?= <j@d>", "=?utf-8?Q?a,b:)?=|~|j|d" },

	{ "g:;", "{g }" },
	{ "undisclosed recipients: ;", "{undisclosed recipients }" },
	{ "g: a@b, N <c@d>;", "{g ~|~|a|b N|~|c|d }" },
	{ "g: a@b; , e@f", "{g ~|~|a|b } ~|~|e|f" },
	{ "g: a@b", "{g ~|~|a|b }" },
	{ "\"g, h\": a@b;", "{g, h ~|~|a|b }" },

	{ "<Undisclosed-Recipient:;>", "{Undisclosed-Recipient }" },
	{ "<undisclosed \r\n recipients: ;>", "{undisclosed recipients }" },
	{ "<\"Undisclosed, all\":;>, a@b", "{Undisclosed, all } ~|~|a|b" },
	{ "<undisclosed-recipients:;@host.example>", "{undisclosed-recipients }" },
	{ "Somebody <undisclosed:;>, N <c@d>", "{undisclosed } N|~|c|d" },
	{ "<x:;, N <c@d>", "{x } N|~|c|d" },
	{ "<x:;", "{x }" },
	{ "x:<;>", "{x }" },
	{ "x:<>;", "{x }" },
	{ "unlisted-recipients:; (no To-header on input)", "{unlisted-recipients }" },
	{ "x : (c) ; ,", "{x }" },
	{ "<mailto:a@b>", "~|~|mailto:a|b" },
	{ "g:<x:;>;", "{g ~|~|x:| }" },
	{ "<:;>", "" },

	/* Not as it should be. */
	{ "", "" },
	{ " , ,, ", "" },
	{ "<>", "" },
	{ "\"Nobody\" <>", "Nobody|~||" },
	{ "word", "~|~|word|" },
	{ "two words", "~|~|two words|" },
	{ "<word>", "~|~|word|" },
	{ "a@", "~|~|a|" },
	{ "@b", "~|~||b" },
	{ "a@[1.2", "~|~|a|[1.2" },
	{ "<@[,@[a@[1.2]>", "~|~||[ ~|~||[a" },
	{ "a@b@c", "~|~|a|b" },
	{ "a@b <a@b>", "a@b|~|a|b" },
	{ "Big Bug bb@bug.com", "Big Bug|~|bb|bug.com" },
	{ "N <a@b>, @c", "N|~|a|b ~|~||c" },
	{ "\"N\" @c", "~|~|N|c" },
	{ "a@b;c@d", "~|~|a|b ~|~|c|d" },
	{ "N <a@b", "N|~|a|b" },
	{ "N <<a@b>>", "N|~|a|b" },
	{ "\"open <a@b>", "~|~|open <a@b>|" },
	{ "(open a@b", "" },
	{ "a@b> c", "~|~|a|b" },
	{ "=?,=?,a@b", "~|~|=?| ~|~|=?| ~|~|a|b" },
	{ "j\xc3\xa9@d\xc3\xa9", "~|~|j\xc3\xa9|d\xc3\xa9" },
};

static void
test_addresses(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		show(address_parse(&a, span_str(rows[i].value), 100), &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].shown)))
			fail_msg("%s gave %.*s", rows[i].value, (int)out.len, out.at);
		buf_release(&out);
	}
	arena_release(&a);
}

static size_t
count(const struct address *list)
{
	size_t n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

static void
test_limit(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	assert_int_equal(count(address_parse(&a, SPAN_LIT("a@b,c@d,e@f"), 2)), 2);
	assert_null(address_parse(&a, SPAN_LIT("a@b"), 0));
	arena_release(&a);
}

/* Lengths at which looking twice at everything would not finish. */
static void
test_large(void **state)
{
	static const char *const pieces[] = {
		"a@b,", "=?", "=?x?q?,", "<", "(", "\"", "<@", "@", ":", ";", "a.", "( ) ", "[", "<@a,", "\\", "<,@[", "<@[a,",
	};
	struct arena a;
	struct buf value;
	(void)state;

	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		arena_init(&a, 0);
		buf_init(&value, 0);
		for (int n = 0; n < 200000; n++)
			buf_str(&value, pieces[i]);
		assert_true(count(address_parse(&a, buf_view(&value), 1000)) <= 1000);
		buf_release(&value);
		arena_release(&a);
	}
}

static void
test_random_garbage(void **state)
{
	static const char bytes[] = "ab \t\n\"\\()<>@,:;.[]=?\x80";
	struct arena a;
	char value[40];
	(void)state;

	arena_init(&a, 0);
	for (int round = 0; round < 100000; round++) {
		size_t len = test_below(sizeof(value));
		for (size_t i = 0; i < len; i++)
			value[i] = bytes[test_below(sizeof(bytes))];
		/* An exact copy, so that a sanitizer sees a look beyond it. */
		const struct address *list = address_parse(&a, arena_span(&a, span_of(value, len)), 100);
		int depth = 0;
		for (; list; list = list->next) {
			depth += (list->kind == ADDRESS_GROUP_START) - (list->kind == ADDRESS_GROUP_END);
			assert_true(depth == 0 || depth == 1);
			assert_int_equal(list->host.at == NULL, list->kind != ADDRESS_MAILBOX);
		}
		assert_int_equal(depth, 0);
		arena_reset(&a);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_random_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
