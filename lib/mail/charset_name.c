/*
 * charset_name.c - what the name of a charset means
 *
 * Recognised in three steps: our own table of aliases, names whose beginning
 * tells what they are, and else whatever iconv knows.
 */
#include "mail/charset_name.h"

/* Names that iconv does not know, or takes more narrowly than mail uses them. */
static const struct {
	const char *alias;
	enum charset_family family;
	const char *iconv_name;
} aliases[] = {
	{ "", CHARSET_UTF8, "" },
	{ "us-ascii", CHARSET_UTF8, "" },
	{ "ascii", CHARSET_UTF8, "" },
	{ "us", CHARSET_UTF8, "" },
	{ "ansi_x3.4-1968", CHARSET_UTF8, "" },
	{ "iso646-us", CHARSET_UTF8, "" },
	{ "utf-8", CHARSET_UTF8, "" },
	{ "utf8", CHARSET_UTF8, "" },
	{ "unicode-1-1-utf-8", CHARSET_UTF8, "" },
	{ "cp65001", CHARSET_UTF8, "" },
	/* What is called Latin-1 is Windows-1252 wherever the two differ. */
	{ "iso-8859-1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "iso8859-1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "iso_8859-1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "latin1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "iso-8859-8-i", CHARSET_ASCII_PLUS, "ISO-8859-8" },
	{ "iso-8859-8-e", CHARSET_ASCII_PLUS, "ISO-8859-8" },
	{ "ansi", CHARSET_ASCII_PLUS, "CP1252" },
	{ "x-mac-roman", CHARSET_ASCII_PLUS, "MACINTOSH" },
	{ "macintosh", CHARSET_ASCII_PLUS, "MACINTOSH" },
	{ "tis-620", CHARSET_ASCII_PLUS, "CP874" },
	{ "euc-jp", CHARSET_ASCII_PLUS, "EUC-JP" },
	{ "euc-kr", CHARSET_ASCII_PLUS, "CP949" },
	{ "ks_c_5601-1987", CHARSET_OTHER, "CP949" },
	{ "ks_c_5601", CHARSET_OTHER, "CP949" },
	{ "gb2312", CHARSET_OTHER, "GB18030" },
	{ "gb_2312-80", CHARSET_OTHER, "GB18030" },
	{ "x-gbk", CHARSET_OTHER, "GB18030" },
	{ "gbk", CHARSET_OTHER, "GB18030" },
	{ "shift_jis", CHARSET_OTHER, "CP932" },
	{ "shift-jis", CHARSET_OTHER, "CP932" },
	{ "x-sjis", CHARSET_OTHER, "CP932" },
	{ "iso-2022-jp", CHARSET_OTHER, "ISO-2022-JP-2" },
};

static bool
may_be_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z') && (c == '\0' || !strchr("-_.:+()", c)))
			return false;
	}
	return s.len <= CHARSET_MAX_NAME;
}

/* One byte a character, the lower half ASCII, judging by the name. */
static bool
extends_ascii(struct span name)
{
	static const char *const beginnings[] = {
		"iso-8859-", "iso8859-", "iso_8859-", "windows-125", "windows-874", "cp125", "koi8-", "latin",
	};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (span_starts_nocase(name, span_str(beginnings[i])))
			return true;
	return false;
}

struct charset
charset_named(struct span name)
{
	struct charset c = { .family = CHARSET_UNKNOWN };

	name = span_trim(name);
	if (!may_be_name(name))
		return c;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (span_eq_nocase(name, span_str(aliases[i].alias))) {
			c.family = aliases[i].family;
			memcpy(c.iconv_name, aliases[i].iconv_name, strlen(aliases[i].iconv_name) + 1);
			return c;
		}
	}
	c.family = extends_ascii(name) ? CHARSET_ASCII_PLUS : CHARSET_OTHER;
	for (size_t i = 0; i < name.len; i++)
		c.iconv_name[i] = ascii_upper(name.at[i]);
	return c;
}
