/*
 * date - the dates of mail (RFC 5322) and of IMAP (RFC 9051 section 9)
 *
 * Days are counted from 1970-01-01. `day` is the date as it was written,
 * whatever its zone: SENTBEFORE, SENTON and SENTSINCE disregard time and zone.
 */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buf.h"
#include "base/span.h"
#include "base/status.h"

struct mail_date {
	int64_t unix_s;
	int32_t day;			/* as written, zone disregarded */
	int16_t zone;			/* minutes east of Greenwich    */
};

/*
 * A Date field's value. Tolerant: comments, missing seconds, two-digit years,
 * obsolete and unknown zones, a wrong or missing day of the week, asctime's
 * order. False only when day, month or year cannot be made out.
 */
MUST_USE bool date_parse_mail(struct span value, struct mail_date *out);

/* "17-Jul-1996 02:44:25 -0700", without quotes; the day may be " 7", "07" or, as phones have it, "7". */
MUST_USE bool date_parse_imap_time(struct span s, struct mail_date *out);
/* `date` of SEARCH: "1-Feb-1994", without quotes, with the same days; *out_day counts from 1970. */
MUST_USE bool date_parse_imap(struct span s, int32_t *out_day);

/* The inverse of date_parse_imap_time, 26 bytes without quotes, in the zone given. */
void date_print_imap_time(struct buf *out, int64_t unix_s, int zone_minutes);

/* The day that `unix_s` falls on in that zone; for BEFORE, ON and SINCE. */
int32_t date_day(int64_t unix_s, int zone_minutes);

#endif
