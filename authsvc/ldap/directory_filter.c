/*
 * directory_filter.c - search filters (RFC 4515) with what a client sent in them
 */
#include "authsvc/ldap/directory_filter.h"

#include <ldap.h>

#include "base/buf.h"
#include "base/panic.h"

static struct span
escape(struct arena *a, struct span value)
{
	struct berval in = { value.len, (char *)value.at }, out;

	/* Only memory can be wanting. */
	assert_that(ldap_bv2escaped_filter_value(&in, &out) == 0);
	struct span escaped = span_of(arena_strndup(a, out.bv_len ? out.bv_val : "", out.bv_len), out.bv_len);
	if (out.bv_val != value.at)
		ldap_memfree(out.bv_val);
	return escaped;
}

/* Operators write "objectClass=x" as well as "(objectClass=x)". */
static const char *
both(struct arena *a, const char *filter, const char *condition)
{
	if (!*filter)
		return arena_printf(a, "(%s)", condition);
	return arena_printf(a, filter[0] == '(' ? "(&%s(%s))" : "(&(%s)(%s))", filter, condition);
}

const char *
directory_filter_equal(struct arena *a, const char *filter, const char *attribute, struct span value)
{
	struct span escaped = escape(a, value);

	return both(a, filter, arena_printf(a, "%s=%.*s", attribute, (int)escaped.len, escaped.at));
}

const char *
directory_filter_present(struct arena *a, const char *filter, const char *attribute)
{
	return both(a, filter, arena_printf(a, "%s=*", attribute));
}

/* One pass: what was put in is not looked at again. */
const char *
directory_filter_map(struct arena *a, const char *filter, struct span user, struct span realm)
{
	struct span rest = span_str(filter);
	struct buf b;

	user = escape(a, user);
	realm = escape(a, realm);
	buf_init(&b, 0);
	while (rest.len) {
		if (span_starts(rest, SPAN_LIT("@user@"))) {
			buf_span(&b, user);
			rest = span_skip(rest, strlen("@user@"));
		} else if (span_starts(rest, SPAN_LIT("@realm@"))) {
			buf_span(&b, realm);
			rest = span_skip(rest, strlen("@realm@"));
		} else {
			buf_char(&b, rest.at[0]);
			rest = span_skip(rest, 1);
		}
	}
	const char *made = arena_strndup(a, b.at, b.len);
	buf_release(&b);
	return made;
}
