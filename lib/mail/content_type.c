/*
 * content_type.c - values with parameters
 *
 *	content := type "/" subtype *(";" parameter)	RFC 2045 section 5.1
 *	disposition := type *(";" parameter)		RFC 2183 section 2
 */
#include "mail/content_type.h"

#include "base/buf.h"
#include "base/hex.h"
#include "mail/rfc822.h"

#define MAX_PIECES 100

/* What a token ends at, besides blanks (RFC 2045 section 5.1). */
#define TSPECIALS "()<>@,;:\\\"/[]?="

/* An unquoted value may, in real mail, hold blanks: "name=my file.doc; x=y". */
static struct span
bare_value(struct span *rest)
{
	struct span value = span_head(*rest, span_index(*rest, ';'));
	size_t comment = span_index(value, '(');

	*rest = span_skip(*rest, value.len);
	/* A comment ends it only after a blank; "file(1).txt" is a name. */
	if (comment < value.len && comment && rfc822_is_blank(value.at[comment - 1]))
		value.len = comment;
	return span_trim(value);
}

/* parameter := attribute "=" value. False when there is none before the next ";". */
static bool
parameter(struct arena *a, struct span *rest, struct mime_param *out)
{
	(void)rfc822_skip_cfws(rest);
	out->name = rfc822_until(rest, "=;(\"");
	(void)rfc822_skip_cfws(rest);
	if (out->name.len == 0 || rest->len == 0 || rest->at[0] != '=')
		return false;
	*rest = span_skip(*rest, 1);
	(void)rfc822_skip_cfws(rest);
	if (rest->len && rest->at[0] == '"')
		out->value = rfc822_quoted(a, rest);
	else
		out->value = rfc822_unescape(a, bare_value(rest));
	return true;
}

/* *(";" parameter); whatever stands before a ";" and is no parameter is passed over. */
static struct mime_param *
parameters(struct arena *a, struct span rest, size_t max)
{
	struct mime_param *first = NULL, **end = &first, p = { 0 };

	for (size_t count = 0; count < max;) {
		/* A quoted string here would be debris; its ";" does not count. */
		while (rest.len && rest.at[0] != ';') {
			if (rest.at[0] == '"')
				(void)rfc822_quoted(a, &rest);
			else
				rest = span_skip(rest, 1);
		}
		if (rest.len == 0)
			break;
		rest = span_skip(rest, 1);
		if (!parameter(a, &rest, &p))
			continue;
		*end = ARENA_NEW(a, struct mime_param);
		**end = p;
		end = &(*end)->next;
		count++;
	}
	return first;
}

struct content_type
content_type_parse(struct arena *a, struct span value, size_t max_params)
{
	struct content_type t = { 0 };

	(void)rfc822_skip_cfws(&value);
	t.type = rfc822_until(&value, TSPECIALS);
	(void)rfc822_skip_cfws(&value);
	if (t.type.len && value.len && value.at[0] == '/') {
		value = span_skip(value, 1);
		(void)rfc822_skip_cfws(&value);
		t.subtype = rfc822_until(&value, TSPECIALS);
	}
	if (t.subtype.len == 0)
		t.type = t.subtype = span_of(NULL, 0);
	t.params = parameters(a, value, max_params);
	return t;
}

struct content_type
content_disposition_parse(struct arena *a, struct span value, size_t max_params)
{
	struct content_type t = { 0 };

	(void)rfc822_skip_cfws(&value);
	t.type = rfc822_until(&value, TSPECIALS);
	t.params = parameters(a, value, max_params);
	return t;
}

struct span
mime_param_find(const struct mime_param *params, struct span name)
{
	for (; params; params = params->next)
		if (span_eq_nocase(params->name, name))
			return params->value;
	return span_of(NULL, 0);
}

/* "%41" is "A"; the charset and language before the second quote go (RFC 2231 section 4). */
static struct span
percent_decode(struct arena *a, struct span s, bool first)
{
	for (int quotes = 0; first && quotes < 2; quotes++) {
		size_t quote = span_index(s, '\'');
		if (quote == s.len)
			break;
		s = span_skip(s, quote + 1);
	}
	char *at = arena_bytes(a, s.len);
	size_t len = 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char byte;
		if (s.at[i] == '%' && i + 2 < s.len && hex_decode(span_of(s.at + i + 1, 2), &byte)) {
			at[len++] = (char)byte;
			i += 2;
		} else {
			at[len++] = s.at[i];
		}
	}
	return span_of(at, len);
}

/* The piece "name*0", "name*0*" or, when `number` is negative, "name*"; decoded. */
static struct span
piece(struct arena *a, const struct mime_param *params, struct span name, int number)
{
	const char *plain = number < 0 ? "" : arena_printf(a, "%.*s*%d", (int)name.len, name.at, number);
	const char *encoded = number < 0 ? arena_printf(a, "%.*s*", (int)name.len, name.at)
	    : arena_printf(a, "%s*", plain);
	struct span value = mime_param_find(params, span_str(encoded));

	if (value.at)
		return percent_decode(a, value, number <= 0);
	return *plain ? mime_param_find(params, span_str(plain)) : value;
}

struct span
mime_param_value(struct arena *a, const struct mime_param *params, struct span name)
{
	struct span value = mime_param_find(params, name), next;
	struct buf joined;

	if (!value.at)
		value = piece(a, params, name, -1);
	if (value.at || !params)
		return value;
	buf_init(&joined, 0);
	for (int i = 0; i < MAX_PIECES && (next = piece(a, params, name, i)).at; i++)
		buf_span(&joined, next);
	if (joined.len)
		value = arena_span(a, buf_view(&joined));
	buf_release(&joined);
	return value;
}
