/*
 * name_test.c - what the name of a message's file says
 */
#include "base/test.h"
#include "storesvc/maildir/name.h"

static void
fields_are_found(void **state)
{
	struct maildir_name n;

	(void)state;
	maildir_name_parse(span_str("1700000000.M1P2Q3.host,S=2210,W=2256,U=77.3fa9c1:2,FS"), &n);
	assert_int_equal(n.order, 1700000000);
	assert_int_equal(n.size, 2210);
	assert_int_equal(n.vsize, 2256);
	assert_int_equal(n.uid, 77);
	assert_true(span_eq(n.tag, SPAN_LIT("3fa9c1")));
	assert_true(span_eq(n.suffix, SPAN_LIT("FS")));
	assert_true(span_ends(n.base, SPAN_LIT("U=77.3fa9c1")));
}

static const char *const without_uid[] = {
	"", ":", ":2,", "a", "a:2,S", "a,U=:2,", "a,U=0.x:2,", "a,U=7:2,", "a,U=-1.x", "a,U=4294967295.x",
	"a,U=99999999999999.x", "U=7.x", "a,U7.x", "a,,U=", "a:b,U=7.x",
};

static void
other_names_have_no_uid(void **state)
{
	struct maildir_name n;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(without_uid); i++) {
		maildir_name_parse(span_str(without_uid[i]), &n);
		assert_int_equal(n.uid, 0);
	}
}

static void
a_new_uid_replaces_an_old_one(void **state)
{
	static const struct { const char *from, *to; } rows[] = {
		{ "1.a.h", "1.a.h,U=9.t" },
		{ "1.a.h,S=3,W=4:2,S", "1.a.h,S=3,W=4,U=9.t" },
		{ "1.a.h,U=5.old,S=3:2,", "1.a.h,S=3,U=9.t" },
		{ "1.a.h,Z=keep,S=3", "1.a.h,Z=keep,S=3,U=9.t" },
		{ "", ",U=9.t" },
	};
	struct maildir_name n;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_init(&out, 0);
		maildir_name_parse(span_str(rows[i].from), &n);
		maildir_name_with_uid(&out, &n, 9, "t");
		assert_true(span_eq(buf_view(&out), span_str(rows[i].to)));
		buf_release(&out);
	}
}

static void
long_names_become_short_ones(void **state)
{
	char name[256];
	struct maildir_name n;
	struct buf out;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	buf_init(&out, 0);
	maildir_name_parse(span_str(name), &n);
	maildir_name_with_uid(&out, &n, UINT32_MAX - 1, "0123456789abcdef");
	assert_true(out.len <= NAME_BASE_MAX);
	maildir_name_parse(buf_view(&out), &n);
	assert_int_equal(n.uid, UINT32_MAX - 1);
	buf_release(&out);
}

static void
unique_names_are(void **state)
{
	char a[MAILDIR_UNIQUE_MAX], b[MAILDIR_UNIQUE_MAX];

	(void)state;
	maildir_name_unique(a, "");
	maildir_name_unique(b, "R0123456789abcdef");
	assert_string_not_equal(a, b);
	assert_non_null(strstr(b, "R0123456789abcdef."));
	assert_null(strpbrk(b, "/:,"));
}

/* Any bytes can be parsed, and what comes out lies within what went in. */
static void
any_name_can_be_parsed(void **state)
{
	static const char alphabet[] = ",:=.SWU2019abZ";
	struct maildir_name n;
	char bytes[48];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		size_t len = test_random() % sizeof(bytes);
		for (size_t k = 0; k < len; k++)
			bytes[k] = alphabet[test_random() % (sizeof(alphabet) - 1)];
		maildir_name_parse(span_of(bytes, len), &n);
		assert_true(n.base.len + n.suffix.len <= len);
		assert_true(n.uid == 0 || (n.tag.at >= bytes && n.tag.at + n.tag.len <= bytes + len));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found),
		cmocka_unit_test(other_names_have_no_uid),
		cmocka_unit_test(a_new_uid_replaces_an_old_one),
		cmocka_unit_test(long_names_become_short_ones),
		cmocka_unit_test(unique_names_are),
		cmocka_unit_test(any_name_can_be_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
