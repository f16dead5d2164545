/*
 * uid_lists.c - the lists of UIDs that Dovecot and Courier keep in a folder
 */
#include "storesvc/foreign/uid_lists.h"

#define UID_MOST (UINT32_MAX - 1)

/* A line without its end, which may be CR LF. */
static struct span
cut_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	return span_ends(line, SPAN_LIT("\r")) ? span_head(line, line.len - 1) : line;
}

/* "V777000 N20 Gabcdef", in any order; letters that are not known say nothing to us. */
static bool
parse_keys(struct span keys, struct uid_list_head *out)
{
	uint64_t uidvalidity = 0, uidnext = 0;

	while (keys.at) {
		struct span key = span_cut(&keys, ' ');
		struct span value = key.len ? span_skip(key, 1) : key;
		if (key.len && key.at[0] == 'V' && !span_number(value, UINT32_MAX, &uidvalidity))
			return false;
		if (key.len && key.at[0] == 'N')
			(void)span_number(value, UINT32_MAX, &uidnext);
	}
	out->uidvalidity = (uint32_t)uidvalidity;
	out->uidnext = (uint32_t)uidnext;
	return uidvalidity != 0;
}

/* "777000 20" */
static bool
parse_pair(struct span pair, struct uid_list_head *out)
{
	struct span validity = span_cut(&pair, ' ');
	uint64_t uidvalidity, uidnext = 0;

	if (!span_number(validity, UINT32_MAX, &uidvalidity) || !uidvalidity)
		return false;
	(void)span_number(span_trim(pair), UINT32_MAX, &uidnext);
	out->uidvalidity = (uint32_t)uidvalidity;
	out->uidnext = (uint32_t)uidnext;
	return true;
}

bool
uid_list_begin(struct span *rest, struct uid_list_head *out)
{
	struct span line = cut_line(rest);
	struct span version = span_cut(&line, ' ');

	*out = (struct uid_list_head){ 0 };
	out->version = span_eq(version, SPAN_LIT("3")) ? 3 : 1;
	if (out->version == 3)
		return parse_keys(line, out);
	return span_eq(version, SPAN_LIT("1")) && parse_pair(line, out);
}

/* "P12:34 W17 :FILE": keys have no spaces in them, the name may. */
static bool
parse_entry(struct span entry, struct uid_list_line *out)
{
	while (entry.at) {
		if (entry.len && entry.at[0] == ':') {
			out->file = span_skip(entry, 1);
			return out->file.len > 0;
		}
		struct span key = span_cut(&entry, ' ');
		if (key.len > 1 && key.at[0] == 'P')
			out->uidl = span_skip(key, 1);
	}
	return false;
}

bool
uid_list_next(struct span *rest, const struct uid_list_head *head, struct uid_list_line *out)
{
	uint64_t uid;

	while (rest->at) {
		struct span line = cut_line(rest);
		struct span number = span_cut(&line, ' ');
		*out = (struct uid_list_line){ 0 };
		if (!span_number(number, UID_MOST, &uid) || uid == 0 || !line.len)
			continue;
		out->uid = (uint32_t)uid;
		if (head->version == 1)
			out->file = line;
		if (head->version == 1 || parse_entry(line, out))
			return true;
	}
	return false;
}
