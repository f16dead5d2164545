/*
 * name.c - what the name of a message's file says
 */
#include "storesvc/maildir/name.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"

/* The leading digits of a name; without any it sorts first. */
static uint64_t
leading_number(struct span name)
{
	size_t digits = 0;
	uint64_t n = 0;

	while (digits < name.len && ascii_digit(name.at[digits]))
		digits++;
	(void)span_number(span_head(name, digits), UINT64_MAX, &n);
	return n;
}

/* "77.3fa9c1" */
static void
parse_uid(struct span value, struct maildir_name *out)
{
	struct span number = span_cut(&value, '.');
	uint64_t uid;

	if (!value.at || !span_number(number, UINT32_MAX - 1, &uid) || uid == 0)
		return;
	out->uid = (uint32_t)uid;
	out->tag = value;
}

static void
parse_field(struct span field, struct maildir_name *out)
{
	if (field.len < 3 || field.at[1] != '=')
		return;
	struct span value = span_skip(field, 2);
	switch (field.at[0]) {
	case 'S':
		out->has_size = span_number(value, INT64_MAX, &out->size);
		break;
	case 'W':
		out->has_vsize = span_number(value, INT64_MAX, &out->vsize);
		break;
	case 'U':
		parse_uid(value, out);
		break;
	}
}

void
maildir_name_parse(struct span name, struct maildir_name *out)
{
	*out = (struct maildir_name){ 0 };
	size_t colon = span_rindex(name, ':');
	out->base = span_head(name, colon);
	struct span info = span_skip(name, colon + 1);
	if (span_starts(info, SPAN_LIT("2,")))
		out->suffix = span_skip(info, 2);
	out->order = leading_number(name);
	struct span fields = out->base;
	(void)span_cut(&fields, ',');
	while (fields.at)
		parse_field(span_cut(&fields, ','), out);
}

/* "/" and ":" have a meaning in names, "," ends the unique part. */
static void
clean_host(char *host)
{
	for (; *host; host++) {
		if (*host == '/' || *host == ':' || *host == ',')
			*host = '_';
	}
}

void
maildir_name_unique(char out[MAILDIR_UNIQUE_MAX], const char *mark)
{
	static atomic_uint serial;
	char host[65] = "localhost";
	int64_t now = clock_wall_ns();

	if (gethostname(host, sizeof(host) - 1) == 0)
		clean_host(host);
	snprintf(out, MAILDIR_UNIQUE_MAX, "%lld.M%lldP%dQ%u%s.%.63s", (long long)(now / 1000000000),
	    (long long)(now % 1000000000 / 1000), (int)getpid(), atomic_fetch_add(&serial, 1), mark, host);
}

/* `base` without its fields S, W and U. */
static void
add_kept_fields(struct buf *out, struct span base)
{
	struct span rest = base;

	buf_span(out, span_cut(&rest, ','));
	while (rest.at) {
		struct span field = span_cut(&rest, ',');
		if (field.len > 1 && field.at[1] == '=' && strchr("SWU", field.at[0]))
			continue;
		buf_char(out, ',');
		buf_span(out, field);
	}
}

void
maildir_name_with_uid(struct buf *out, const struct maildir_name *from, uint32_t uid, const char *tag)
{
	char unique[MAILDIR_UNIQUE_MAX];
	size_t start = out->len;

	add_kept_fields(out, from->base);
	if (out->len - start > NAME_BASE_MAX - 80) {
		out->len = start;
		maildir_name_unique(unique, "");
		buf_str(out, unique);
	}
	if (from->has_size)
		buf_printf(out, ",S=%llu", (unsigned long long)from->size);
	if (from->has_vsize)
		buf_printf(out, ",W=%llu", (unsigned long long)from->vsize);
	buf_printf(out, ",U=%u.%s", uid, tag);
}

int
maildir_name_order(const struct maildir_name *a, const struct maildir_name *b)
{
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return span_cmp(a->base, b->base);
}
