/*
 * date_fuzz.c - what parses, prints, and parses again to the same
 *
 * seeds: field date
 */
#include "base/panic.h"
#include "mail/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = span_of(data, size);
	struct mail_date d, again;
	struct buf out;
	int32_t day;

	buf_init(&out, 0);
	if (date_parse_mail(value, &d)) {
		assert_that(d.day == date_day(d.unix_s, d.zone) || d.unix_s % 60 == 0);
		date_print_imap_time(&out, d.unix_s, d.zone);
		assert_that(out.len == 26);
	}
	if (date_parse_imap_time(value, &d)) {
		buf_reset(&out);
		date_print_imap_time(&out, d.unix_s, d.zone);
		assert_that(out.len == 26);
		if (date_parse_imap_time(buf_view(&out), &again))
			assert_that(again.unix_s == d.unix_s && again.zone == d.zone);
	}
	(void)date_parse_imap(value, &day);
	buf_release(&out);
	return 0;
}
