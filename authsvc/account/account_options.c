/*
 * account_options.c - what an account may and may not do, in Courier's words
 */
#include "authsvc/account/account_options.h"

#include "base/buf.h"

/* Cut one "name=value" off; false at the end. */
static bool
next_option(struct span *rest, struct span *whole, struct span *name, struct span *value)
{
	while (rest->at) {
		*whole = span_trim(span_cut(rest, ','));
		if (!whole->len)
			continue;
		*value = *whole;
		*name = span_cut(value, '=');
		return true;
	}
	return false;
}

/* The first of that name counts. */
static bool
find_option(const char *options, struct span wanted, struct span *out_value)
{
	struct span rest = span_str(options), whole, name, value;

	while (next_option(&rest, &whole, &name, &value)) {
		if (span_eq(name, wanted)) {
			*out_value = value;
			return true;
		}
	}
	return false;
}

/* What databases and directories write for "no". Numbers may have more than one digit, a sign or a point. */
static bool
is_off(struct span value)
{
	static const char *const words[] = { "n", "no", "f", "false", "off" };
	size_t zeros = 0, marks = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_eq_nocase(value, span_str(words[i])))
			return true;
	for (size_t i = 0; i < value.len; i++) {
		zeros += value.at[i] == '0';
		marks += value.at[i] == '.' || ((value.at[i] == '-' || value.at[i] == '+') && i == 0);
	}
	return zeros && zeros + marks == value.len;
}

bool
account_option_on(const char *options, const char *name)
{
	struct span value;

	return find_option(options, span_str(name), &value) && !is_off(span_trim(value));
}

const char *
account_option_value(struct arena *a, const char *options, const char *name)
{
	struct span value;

	return find_option(options, span_str(name), &value) && value.at ? arena_strndup(a, value.at, value.len) : "";
}

const char *
account_options_join(struct arena *a, const char *options, const char *defaults)
{
	struct span rest = span_str(defaults), whole, name, value, there;
	struct buf b;

	buf_init(&b, 0);
	buf_str(&b, options);
	while (next_option(&rest, &whole, &name, &value)) {
		if (find_option(options, name, &there))
			continue;
		if (b.len)
			buf_char(&b, ',');
		buf_span(&b, whole);
	}
	const char *joined = arena_strndup(a, b.at, b.len);
	buf_release(&b);
	return joined;
}

char **
account_groups(struct arena *a, const char *options, size_t *out_count)
{
	struct span rest = span_str(options), whole, name, value;
	size_t most = 1, count = 0;

	for (const char *c = options; *c; c++)
		most += *c == ',';
	char **groups = ARENA_ARRAY(a, most + 1, char *);
	while (next_option(&rest, &whole, &name, &value))
		if (span_eq(name, SPAN_LIT("group")) && value.len)
			groups[count++] = arena_strndup(a, value.at, value.len);
	*out_count = count;
	return groups;
}

struct status
account_may_use(struct arena *a, const char *options, const char *service, bool tls)
{
	if (account_option_on(options, arena_printf(a, "disable%s", service)))
		return status_make(STATUS_DENIED, "This account may not use this service");
	if (!tls && account_option_on(options, arena_printf(a, "disableinsecure%s", service)))
		return status_make(STATUS_DENIED, "This account may only log in over TLS");
	return STATUS_FINE;
}
