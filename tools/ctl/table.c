#include "tools/ctl/table.h"

#include <utf8proc.h>

#include "base/panic.h"

enum { MOST_COLUMNS = 16, GAP = 2 };

void
table_size(struct buf *out, double bytes)
{
	static const char units[] = "BKMGTP";
	size_t unit = 0;

	while (bytes >= 1024 && units[unit + 1]) {
		bytes /= 1024;
		unit++;
	}
	buf_printf(out, unit && bytes < 9.95 ? "%.1f%c" : "%.0f%c", bytes, units[unit]);
}

void
table_age(struct buf *out, int64_t seconds)
{
	static const struct {
		int64_t from, unit, part;
		char name, part_name;
	} forms[] = {
		{ 2 * 86400, 86400, 3600, 'd', 'h' },
		{ 3600, 3600, 60, 'h', 'm' },
		{ 60, 60, 1, 'm', 's' },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (seconds < forms[i].from)
			continue;
		buf_printf(out, "%lld%c%02lld%c", (long long)(seconds / forms[i].unit), forms[i].name,
		    (long long)(seconds % forms[i].unit / forms[i].part), forms[i].part_name);
		return;
	}
	buf_printf(out, "%llds", (long long)seconds);
}

/* C0, DEL and, in UTF-8, C1. */
static void
add_printable(struct buf *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		bool c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
		if (*at < 0x20 || *at == 0x7f || c1)
			buf_char(out, '?');
		else
			buf_char(out, (char)*at);
		at += c1;
	}
}

void
table_value(struct buf *out, const json_t *value, enum column_kind kind)
{
	const json_t *word;
	size_t i;

	switch (kind) {
	case COLUMN_TEXT:
		if (json_is_boolean(value))
			buf_str(out, json_is_true(value) ? "yes" : "no");
		else
			add_printable(out, json_is_string(value) && *json_string_value(value) ?
			    json_string_value(value) : "-");
		break;
	case COLUMN_WORDS:
		json_array_foreach(value, i, word) {
			if (i)
				buf_str(out, ", ");
			add_printable(out, json_string_value(word));
		}
		break;
	case COLUMN_NUMBER:
		if (json_is_number(value))
			buf_printf(out, "%.*f", json_is_real(value) ? 1 : 0, json_number_value(value));
		else
			buf_char(out, '-');
		break;
	case COLUMN_SIZE: case COLUMN_AGE:
		if (!json_is_number(value))
			buf_char(out, '-');
		else if (kind == COLUMN_SIZE)
			table_size(out, json_number_value(value));
		else
			table_age(out, (int64_t)json_number_value(value));
		break;
	}
}

/* The first character: how many bytes and how many columns it takes. */
static size_t
measure(struct span text, size_t *out_width)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.len, &point);

	*out_width = n > 0 ? (size_t)utf8proc_charwidth(point) : 1;
	return n > 0 ? (size_t)n : 1;
}

size_t
table_fit(struct span text, size_t width)
{
	size_t at = 0, used = 0, one;

	while (at < text.len) {
		size_t n = measure(span_skip(text, at), &one);
		if (used + one > width)
			break;
		used += one;
		at += n;
	}
	return at;
}

size_t
table_width(struct span text)
{
	size_t width = 0, one;

	while (text.len) {
		text = span_skip(text, measure(text, &one));
		width += one;
	}
	return width;
}

static void
print_cell(FILE *to, struct span text, size_t width, enum column_kind kind, bool last)
{
	size_t own = table_width(text), blanks = width > own ? width - own : 0;
	bool right = kind == COLUMN_NUMBER || kind == COLUMN_SIZE || kind == COLUMN_AGE;

	if (right)
		fprintf(to, "%*s", (int)blanks, "");
	fwrite(text.at ? text.at : "", 1, text.len, to);
	if (!last)
		fprintf(to, "%*s", (int)((right ? 0 : blanks) + GAP), "");
}

void
table_print(FILE *to, const json_t *rows, const struct column *columns, size_t count)
{
	size_t width[MOST_COLUMNS], i;
	const json_t *row;
	struct buf text;

	assert_that(count <= MOST_COLUMNS);
	buf_init(&text, 0);
	for (size_t n = 0; n < count; n++) {
		width[n] = strlen(columns[n].title);
		json_array_foreach(rows, i, row) {
			buf_reset(&text);
			table_value(&text, json_object_get(row, columns[n].key), columns[n].kind);
			size_t own = table_width(buf_view(&text));
			width[n] = own > width[n] ? own : width[n];
		}
	}
	for (size_t n = 0; n < count; n++)
		print_cell(to, span_str(columns[n].title), width[n], columns[n].kind, n + 1 == count);
	fputc('\n', to);
	json_array_foreach(rows, i, row) {
		for (size_t n = 0; n < count; n++) {
			buf_reset(&text);
			table_value(&text, json_object_get(row, columns[n].key), columns[n].kind);
			print_cell(to, buf_view(&text), width[n], columns[n].kind, n + 1 == count);
		}
		fputc('\n', to);
	}
	buf_release(&text);
}
