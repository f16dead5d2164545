/*
 * userdb_record.c - the fields of an account as userdb writes them
 */
#include "authsvc/userdb/userdb_record.h"

bool
userdb_record_next(struct span *rest, struct userdb_field *out)
{
	if (!rest->at)
		return false;
	struct span text = span_cut(rest, '|'), value = text;
	struct span name = span_cut(&value, '=');
	*out = (struct userdb_field){ text, name, value };
	return true;
}

bool
userdb_record_get(struct span record, const char *name, struct span *out)
{
	struct userdb_field f;

	while (userdb_record_next(&record, &f)) {
		if (span_eq(f.name, span_str(name))) {
			*out = f.value;
			return true;
		}
	}
	return false;
}

static void
add_field(struct buf *b, struct span name, struct span value)
{
	if (b->len)
		buf_char(b, '|');
	buf_span(b, name);
	if (value.at) {
		buf_char(b, '=');
		buf_span(b, value);
	}
}

struct span
userdb_record_set(struct arena *a, struct span record, struct span name, const struct span *value)
{
	struct userdb_field f;
	bool done = value == NULL;
	struct buf b;

	buf_init(&b, 0);
	while (userdb_record_next(&record, &f)) {
		if (!span_eq(f.name, name)) {
			if (f.text.len)
				add_field(&b, f.name, f.value);
		} else if (!done) {
			add_field(&b, name, *value);
			done = true;
		}
	}
	if (!done)
		add_field(&b, name, *value);
	struct span out = arena_span(a, buf_view(&b));
	buf_release(&b);
	return out;
}

bool
userdb_field_is_secret(const struct userdb_field *f)
{
	return f->value.at && span_ends(f->name, SPAN_LIT("pw"));
}

/* Nothing below a space, nothing of `special`. */
static bool
free_of(struct span s, const char *special)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f || strchr(special, s.at[i]))
			return false;
	return true;
}

bool
userdb_name_valid(struct span name)
{
	return name.len > 0 && name.at[0] != '#' && free_of(name, "");
}

bool
userdb_field_name_valid(struct span name)
{
	return name.len > 0 && free_of(name, "|= ");
}

bool
userdb_value_valid(struct span value)
{
	return free_of(value, "|");
}
