/*
 * date.c - the dates of mail and of IMAP
 */
#include "mail/date.h"

#include "mail/rfc822.h"

/* A date put together piece by piece; -1: not seen yet. */
struct draft {
	int day, month, year;
	int hour, minute, second;
	int zone;
	bool has_time, has_zone;
};

static const char month_names[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/* Days from 1970-01-01 in the Gregorian calendar, for any year; month from 1. */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	/* Counted from March, leap days come last in a year. */
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void
civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = year_of_era + era * 400 + (*month <= 2);
}

static int64_t
floor_div(int64_t n, int64_t by)
{
	return n / by - (n % by < 0);
}

/* 1 to 12 when `s` begins with the English name of a month; 0: it does not. */
static int
month_named(struct span s)
{
	for (int i = 0; i < 12; i++)
		if (span_starts_nocase(s, span_str(month_names[i])))
			return i + 1;
	return 0;
}

static void
finish(const struct draft *d, struct mail_date *out)
{
	int64_t day = days_from_civil(d->year, d->month, d->day);

	out->day = (int32_t)day;
	out->zone = (int16_t)d->zone;
	out->unix_s = day * 86400 + d->hour * 3600 + d->minute * 60 + d->second - d->zone * 60;
}

/*
 * Mail dates: words are recognised by what they look like, in any order that
 * leaves no doubt.
 */

/* Minutes east; unknown letters mean "no idea", which is 0 (RFC 5322 4.3). */
static int
zone_named(struct span s)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{ "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
		{ "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 },
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (span_eq_nocase(s, span_str(zones[i].name)))
			return zones[i].hours * 60;
	return 0;
}

static bool
is_letter(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

/* The digits that *rest begins with as a number below a million, and how many they are. */
static size_t
digits(struct span *rest, int *out)
{
	size_t i = 0;

	for (*out = 0; i < rest->len && ascii_digit(rest->at[i]); i++)
		if (*out < 1000000)
			*out = *out * 10 + (rest->at[i] - '0');
	*rest = span_skip(*rest, i);
	return i;
}

/* ":" and digits, in the obsolete form with blanks and comments around. */
static bool
colon_digits(struct span *rest, int *out)
{
	struct span s = *rest;

	(void)rfc822_skip_cfws(&s);
	if (s.len == 0 || s.at[0] != ':')
		return false;
	s = span_skip(s, 1);
	(void)rfc822_skip_cfws(&s);
	if (digits(&s, out) == 0)
		return false;
	*rest = s;
	return true;
}

/* time-of-day = hour ":" minute [":" second]; hour and minute have been read. */
static void
take_time(struct span *rest, int hour, int minute, struct draft *d)
{
	int second = 0;

	(void)colon_digits(rest, &second);
	if (d->has_time || hour > 23 || minute > 59 || second > 60)
		return;
	d->hour = hour;
	d->minute = minute;
	d->second = second;
	d->has_time = true;
}

/* A number that is no time: the first small one is the day, the next the year. */
static void
take_number(size_t count, int n, struct draft *d)
{
	if (count <= 2 && d->day < 0) {
		d->day = n;
	} else if (d->year < 0 && count >= 2) {
		d->year = n;
		if (count == 2)
			d->year += n < 50 ? 2000 : 1900;
		else if (count == 3)
			d->year += 1900;
	}
}

/* zone = ("+" / "-") 4DIGIT */
static void
take_zone(struct span *rest, int sign, struct draft *d)
{
	int n;
	size_t count = digits(rest, &n);

	if (d->has_zone || count == 0)
		return;
	/* "+02:00" is wrong here, but clear. */
	if (count <= 2) {
		n *= 100;
		if (rest->len > 2 && rest->at[0] == ':' && ascii_digit(rest->at[1])) {
			int minutes;
			*rest = span_skip(*rest, 1);
			(void)digits(rest, &minutes);
			n += minutes;
		}
	}
	if (n % 100 < 60 && n / 100 < 24) {
		d->zone = sign * (n / 100 * 60 + n % 100);
		d->has_zone = true;
	}
}

static void
take_word(struct span *rest, struct draft *d)
{
	size_t len = 0;
	struct span word;

	while (len < rest->len && is_letter(rest->at[len]))
		len++;
	word = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	int month = month_named(word);
	if (month && d->month < 0) {
		d->month = month;
	} else if (span_eq_nocase(word, SPAN_LIT("PM")) && d->has_time && d->hour < 12) {
		d->hour += 12;
	} else if (span_eq_nocase(word, SPAN_LIT("AM")) && d->has_time && d->hour == 12) {
		d->hour = 0;
	} else if (d->has_time && !d->has_zone) {
		d->zone = zone_named(word);
		d->has_zone = d->zone != 0;
	}
}

static void
take_piece(struct span *rest, struct draft *d)
{
	char c = rest->at[0];
	bool digit_next = rest->len > 1 && ascii_digit(rest->at[1]);
	int n, minute;

	if (ascii_digit(c)) {
		size_t count = digits(rest, &n);
		if (count <= 2 && colon_digits(rest, &minute))
			take_time(rest, n, minute, d);
		else
			take_number(count, n, d);
	} else if (is_letter(c)) {
		take_word(rest, d);
	} else {
		*rest = span_skip(*rest, 1);
		if ((c == '+' || c == '-') && digit_next && d->has_time)
			take_zone(rest, c == '+' ? 1 : -1, d);
	}
}

bool
date_parse_mail(struct span value, struct mail_date *out)
{
	struct draft d = { .day = -1, .month = -1, .year = -1 };

	for (;;) {
		(void)rfc822_skip_cfws(&value);
		if (value.len == 0)
			break;
		take_piece(&value, &d);
	}
	if (d.day < 1 || d.day > 31 || d.month < 0 || d.year < 0 || d.year > 9999)
		return false;
	finish(&d, out);
	return true;
}

/*
 * IMAP dates: exactly as the grammar has them.
 */

static bool
take_digits(struct span *rest, size_t count, int *out)
{
	struct span before = *rest;
	struct span number = span_head(before, count);
	uint64_t n;

	if (number.len != count || !span_number(number, 9999, &n))
		return false;
	*out = (int)n;
	*rest = span_skip(before, count);
	return true;
}

static bool
take_char(struct span *rest, char c)
{
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

static int
days_in_month(int year, int month)
{
	static const signed char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* date-month "-" date-year, after the day and its "-" */
static bool
take_month_year(struct span *rest, struct draft *d)
{
	d->month = month_named(*rest);
	if (d->month == 0)
		return false;
	*rest = span_skip(*rest, 3);
	return take_char(rest, '-') && take_digits(rest, 4, &d->year) &&
	    d->day >= 1 && d->day <= days_in_month(d->year, d->month);
}

/* " 7-", "7-" or "07-": which of them is right depends on the place, none can be taken for another day */
static bool
take_imap_day(struct span *rest, struct draft *d)
{
	bool blank = take_char(rest, ' ');
	size_t digits = span_index(*rest, '-');

	return digits > 0 && digits <= (blank ? 1 : 2) && take_digits(rest, digits, &d->day) && take_char(rest, '-');
}

/* date-text = date-day "-" date-month "-" date-year, with or without quotes around it */
bool
date_parse_imap(struct span s, int32_t *out_day)
{
	struct draft d = { 0 };

	if (!take_imap_day(&s, &d) || !take_month_year(&s, &d) || s.len)
		return false;
	*out_day = (int32_t)days_from_civil(d.year, d.month, d.day);
	return true;
}

/* time SP zone */
static bool
take_time_zone(struct span *rest, struct draft *d)
{
	int zone;

	if (!take_digits(rest, 2, &d->hour) || !take_char(rest, ':') || !take_digits(rest, 2, &d->minute) ||
	    !take_char(rest, ':') || !take_digits(rest, 2, &d->second) || !take_char(rest, ' '))
		return false;
	bool west = rest->len && rest->at[0] == '-';
	if (!(take_char(rest, '-') || take_char(rest, '+')) || !take_digits(rest, 4, &zone))
		return false;
	d->zone = (zone / 100 * 60 + zone % 100) * (west ? -1 : 1);
	return d->hour < 24 && d->minute < 60 && d->second <= 60 && zone / 100 < 24 && zone % 100 < 60;
}

/* date-time = date-day-fixed "-" date-month "-" date-year SP time SP zone; phones leave out the fixed day's blank */
bool
date_parse_imap_time(struct span s, struct mail_date *out)
{
	struct draft d = { 0 };

	if (!take_imap_day(&s, &d) || !take_month_year(&s, &d) ||
	    !take_char(&s, ' ') || !take_time_zone(&s, &d) || s.len)
		return false;
	finish(&d, out);
	return true;
}

int32_t
date_day(int64_t unix_s, int zone_minutes)
{
	return (int32_t)floor_div(unix_s + (int64_t)zone_minutes * 60, 86400);
}

void
date_print_imap_time(struct buf *out, int64_t unix_s, int zone_minutes)
{
	int64_t local = unix_s + (int64_t)zone_minutes * 60;
	int64_t days = floor_div(local, 86400), year;
	int seconds = (int)(local - days * 86400), month, day;
	int zone = zone_minutes < 0 ? -zone_minutes : zone_minutes;

	civil_from_days(days, &year, &month, &day);
	/* The grammar has four digits for the year. */
	year = year < 0 ? 0 : year > 9999 ? 9999 : year;
	buf_printf(out, "%2d-%s-%04d %02d:%02d:%02d %c%02d%02d", day, month_names[month - 1], (int)year,
	    seconds / 3600, seconds / 60 % 60, seconds % 60, zone_minutes < 0 ? '-' : '+', zone / 60, zone % 60);
}
