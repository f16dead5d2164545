/*
 * date_test.c - dates of mail and of IMAP
 */
#include "mail/date.h"

#include "base/test.h"

static void
test_mail_dates(void **state)
{
	static const struct {
		const char *value, *shown;	/* as IMAP shows it; NULL: no date */
	} rows[] = {
		{ "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)", "17-Jul-1996 02:23:25 -0700" },
		{ " 1 Jan 1970 00:00:00 +0000\r\n", " 1-Jan-1970 00:00:00 +0000" },
		{ "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "21-Nov-1997 09:55:06 -0600" },
		{ "21 Nov 1997 09:55: -0600", "21-Nov-1997 09:55:00 -0600" },
		{ "21 Nov 1997 09: -0600", "21-Nov-1997 00:00:00 +0000" },
		{ "Fri, 21 Nov 1997 09:55 -0600", "21-Nov-1997 09:55:00 -0600" },
		{ "Fri, 21\r\n Nov (c) 1997 09:55:06 -0600", "21-Nov-1997 09:55:06 -0600" },
		{ "21 Nov 97 09:55:06 GMT", "21-Nov-1997 09:55:06 +0000" },
		{ "21 Nov 49 09:55:06 Z", "21-Nov-2049 09:55:06 +0000" },
		{ "21 Nov 50 09:55:06 Z", "21-Nov-1950 09:55:06 +0000" },
		{ "21 Nov 103 09:55:06 Z", "21-Nov-2003 09:55:06 +0000" },
		{ "21 Nov 1997 09:55:06 EST", "21-Nov-1997 09:55:06 -0500" },
		{ "21 Nov 1997 09:55:06 pdt", "21-Nov-1997 09:55:06 -0700" },
		{ "21 Nov 1997 09:55:06 XYZ", "21-Nov-1997 09:55:06 +0000" },
		{ "21 Nov 1997 09:55:06 A", "21-Nov-1997 09:55:06 +0000" },
		{ "21 Nov 1997 09:55:06 +0530", "21-Nov-1997 09:55:06 +0530" },
		{ "21 Nov 1997 09:55:06 +05:30", "21-Nov-1997 09:55:06 +0530" },
		{ "21 Nov 1997 09:55:06 GMT+0200", "21-Nov-1997 09:55:06 +0200" },
		{ "21 Nov 1997 09:55:06 -9999", "21-Nov-1997 09:55:06 +0000" },
		{ "21 Nov 1997 09:55:06", "21-Nov-1997 09:55:06 +0000" },
		{ "21 Nov 1997", "21-Nov-1997 00:00:00 +0000" },
		{ "Nov 21, 1997 9:55 PM", "21-Nov-1997 21:55:00 +0000" },
		{ "Nov 21, 1997 12:05 am", "21-Nov-1997 00:05:00 +0000" },
		{ "Fri Nov 21 09:55:06 1997", "21-Nov-1997 09:55:06 +0000" },
		{ "Fri Nov 21 09:55:06 EST 1997", "21-Nov-1997 09:55:06 -0500" },
		{ "21-Nov-1997 09:55:06 -0600", "21-Nov-1997 09:55:06 -0600" },
		{ "Friday, 21-November-97 09:55:06 GMT", "21-Nov-1997 09:55:06 +0000" },
		{ "21 Nov 1997 99:55:06 +0000", "21-Nov-1997 00:00:00 +0000" },
		{ "21 Nov 1997 24:00:00 +0000", "21-Nov-1997 00:00:00 +0000" },
		{ "29 Feb 2000 23:59:60 +0000", " 1-Mar-2000 00:00:00 +0000" },
		{ "31 Feb 2001 12:00 +0000", " 3-Mar-2001 12:00:00 +0000" },
		{ "1 Jan 0001 00:00 +0000", " 1-Jan-0001 00:00:00 +0000" },
		{ "", NULL },
		{ "yesterday", NULL },
		{ "0 Nov 1997", NULL },
		{ "32 Nov 1997", NULL },
		{ "Nov 1997", NULL },
		{ "21 1997", NULL },
		{ "21 Nov", NULL },
		{ "21 Nov 10000", NULL },
		{ "99999999999999999999 Nov 99999999999999999999", NULL },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mail_date d;
		struct buf out;
		buf_init(&out, 0);
		bool parsed = date_parse_mail(span_str(rows[i].value), &d);
		if (parsed)
			date_print_imap_time(&out, d.unix_s, d.zone);
		if (parsed != (rows[i].shown != NULL) || !span_eq(buf_view(&out), span_str(rows[i].shown)))
			fail_msg("%s gave %.*s", rows[i].value, (int)out.len, out.at);
		buf_release(&out);
	}
}

static void
test_sent_day_disregards_the_zone(void **state)
{
	struct mail_date d;
	int32_t day;
	(void)state;

	assert_true(date_parse_imap(SPAN_LIT("31-Dec-1999"), &day));
	assert_true(date_parse_mail(SPAN_LIT("31 Dec 1999 23:30:00 -1000"), &d));
	assert_int_equal(d.day, day);
	assert_int_equal(date_day(d.unix_s, d.zone), day);
	assert_int_equal(date_day(d.unix_s, 0), day + 1);
}

static void
test_imap_times(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		int64_t unix_s;
	} rows[] = {
		{ "17-Jul-1996 02:44:25 -0700", true, 837596665 },
		{ " 7-Jul-1996 02:44:25 -0700", true, 836732665 },
		{ "07-Jul-1996 02:44:25 -0700", true, 836732665 },
		{ "01-jan-1970 00:00:00 +0000", true, 0 },
		{ "31-Dec-1969 23:59:59 +0000", true, -1 },
		{ "29-Feb-2000 00:00:00 +0000", true, 951782400 },
		{ "29-Feb-1900 00:00:00 +0000", false, 0 },
		{ "31-Apr-2000 00:00:00 +0000", false, 0 },
		{ "7-Jul-1996 02:44:25 -0700", true, 836732665 },
		{ "3-May-2021 20:38:39 +0000", true, 1620074319 },
		{ "0-Jul-1996 02:44:25 -0700", false, 0 },
		{ " 07-Jul-1996 02:44:25 -0700", false, 0 },
		{ "  7-Jul-1996 02:44:25 -0700", false, 0 },
		{ "-7-Jul-1996 02:44:25 -0700", false, 0 },
		{ "007-Jul-1996 02:44:25 -0700", false, 0 },
		{ "17-Jul-96 02:44:25 -0700", false, 0 },
		{ "17-Foo-1996 02:44:25 -0700", false, 0 },
		{ "17-Jul-1996 24:44:25 -0700", false, 0 },
		{ "17-Jul-1996 02:60:25 -0700", false, 0 },
		{ "17-Jul-1996 02:44:25 0700", false, 0 },
		{ "17-Jul-1996 02:44:25 -0760", false, 0 },
		{ "17-Jul-1996 02:44:25 -0700 ", false, 0 },
		{ "17-Jul-1996 02:44 -0700", false, 0 },
		{ "00-Jul-1996 02:44:25 -0700", false, 0 },
		{ "", false, 0 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mail_date d;
		bool valid = date_parse_imap_time(span_str(rows[i].text), &d);
		if (valid != rows[i].valid || (valid && d.unix_s != rows[i].unix_s))
			fail_msg("%s gave %d %lld", rows[i].text, valid, valid ? (long long)d.unix_s : 0);
	}
}

static void
test_imap_dates(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		int32_t day;
	} rows[] = {
		{ "1-Jan-1970", true, 0 },
		{ "01-Jan-1970", true, 0 },
		{ "31-Dec-1969", true, -1 },
		{ "1-FEB-1994", true, 8797 },
		{ " 1-Jan-1970", true, 0 },
		{ " 01-Jan-1970", false, 0 },
		{ "0-Jan-1970", false, 0 },
		{ "29-Feb-1999", false, 0 },
		{ "001-Jan-1970", false, 0 },
		{ "-Jan-1970", false, 0 },
		{ "1-Jan-70", false, 0 },
		{ "1-Jan-1970 ", false, 0 },
		{ "1 Jan 1970", false, 0 },
		{ "1-January-1970", false, 0 },
		{ "", false, 0 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int32_t day = 12345;
		bool valid = date_parse_imap(span_str(rows[i].text), &day);
		assert_int_equal(valid, rows[i].valid);
		assert_int_equal(day, valid ? rows[i].day : 12345);
	}
}

/* What is printed parses, both as IMAP's and as mail's, and is what the C library says. */
static void
test_print_then_parse(void **state)
{
	(void)state;

	for (int round = 0; round < 20000; round++) {
		/* Years 1 to 9999. */
		int64_t unix_s = (int64_t)(test_random() % 315500000000u) - 62100000000;
		int zone = (int)test_below(1439 * 2) - 1439;
		time_t local = unix_s + zone * 60;
		struct mail_date d, m;
		struct buf out;
		struct tm tm;
		buf_init(&out, 0);
		date_print_imap_time(&out, unix_s, zone);
		assert_int_equal(out.len, 26);
		assert_true(date_parse_imap_time(buf_view(&out), &d));
		assert_int_equal(d.unix_s, unix_s);
		assert_int_equal(d.zone, zone);
		assert_int_equal(d.day, date_day(unix_s, zone));
		assert_true(date_parse_mail(buf_view(&out), &m));
		assert_int_equal(m.unix_s, unix_s);
		assert_non_null(gmtime_r(&local, &tm));
		assert_int_equal(tm.tm_mday, out.at[0] == ' ' ? out.at[1] - '0' : (out.at[0] - '0') * 10 + out.at[1] - '0');
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail_dates),
		cmocka_unit_test(test_sent_day_disregards_the_zone),
		cmocka_unit_test(test_imap_times),
		cmocka_unit_test(test_imap_dates),
		cmocka_unit_test(test_print_then_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
