/*
 * daemon_request.c - a question in the words of Courier's authdaemond
 */
#include "authsvc/daemon/daemon_request.h"

#define LONGEST_AUTH 8191

/* A line without its end; false: it has not come whole. */
static bool
take_line(struct span *rest, struct span *out)
{
	size_t end = span_index(*rest, '\n');

	if (end == rest->len)
		return false;
	*out = span_head(*rest, end);
	*rest = span_skip(*rest, end + 1);
	return true;
}

static bool
starts(struct span line, const char *verb, struct span *out_rest)
{
	struct span word = span_str(verb);

	*out_rest = span_skip(line, word.len);
	return span_starts(line, word);
}

/* What a word is cut off must have something left. */
static bool
take_word(struct span *rest, char sep, struct span *out)
{
	*out = span_cut(rest, sep);
	return rest->at != NULL;
}

/* MODULE SERVICE USER */
static enum daemon_parse
parse_pre(struct span words, struct daemon_request *out)
{
	out->verb = DAEMON_PRE;
	if (!take_word(&words, ' ', &out->module) || !take_word(&words, ' ', &out->service))
		return DAEMON_MALFORMED;
	out->user = words;
	return DAEMON_WHOLE;
}

/* SERVICE\tUSER\tOLD\tNEW */
static enum daemon_parse
parse_passwd(struct span words, struct daemon_request *out)
{
	out->verb = DAEMON_PASSWD;
	if (!take_word(&words, '\t', &out->service) || !take_word(&words, '\t', &out->user) ||
	    !take_word(&words, '\t', &out->password) || span_index(words, '\t') < words.len)
		return DAEMON_MALFORMED;
	out->new_password = words;
	return DAEMON_WHOLE;
}

static const struct { const char *type, *hash; } types[] = {
	{ "login", NULL },
	{ "cram-md5", "MD5" },
	{ "cram-sha1", "SHA1" },
	{ "cram-sha256", "SHA256" },
};

/* SERVICE, TYPE and, for those known here, two lines more. The last one's end may be missing. */
static enum daemon_parse
parse_auth(struct span lines, struct daemon_request *out)
{
	struct span type, first, second;

	if (!take_line(&lines, &out->service) || !take_line(&lines, &type))
		return DAEMON_MALFORMED;
	out->verb = DAEMON_AUTH_OTHER;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!span_eq(type, span_str(types[i].type)))
			continue;
		if (!take_line(&lines, &first))
			return DAEMON_MALFORMED;
		second = span_cut(&lines, '\n');
		out->verb = types[i].hash ? DAEMON_CRAM : DAEMON_LOGIN;
		out->hash = types[i].hash;
		if (types[i].hash)
			out->challenge = first, out->response = second;
		else
			out->user = first, out->password = second;
	}
	return DAEMON_WHOLE;
}

/* Capitals, digits and underlines before a "=". */
static bool
is_note(struct span line, struct span *name, struct span *value)
{
	*value = line;
	*name = span_cut(value, '=');
	for (size_t i = 0; i < name->len; i++) {
		char c = name->at[i];
		if (!(c >= 'A' && c <= 'Z') && !ascii_digit(c) && c != '_')
			return false;
	}
	return value->at && name->len;
}

static enum daemon_parse
parse_verb(struct span line, struct span rest, struct daemon_request *out)
{
	struct span words;
	uint64_t len;

	if (starts(line, "PRE ", &words))
		return parse_pre(words, out);
	if (starts(line, "PASSWD ", &words))
		return parse_passwd(words, out);
	if (span_eq(line, SPAN_LIT("ENUMERATE"))) {
		out->verb = DAEMON_ENUMERATE;
		return DAEMON_WHOLE;
	}
	if (!starts(line, "AUTH ", &words) || !span_number(words, LONGEST_AUTH, &len))
		return DAEMON_MALFORMED;
	return rest.len < len ? DAEMON_MORE : parse_auth(span_head(rest, len), out);
}

enum daemon_parse
daemon_request_parse(struct span bytes, struct daemon_request *out)
{
	const struct span none = SPAN_LIT("");
	struct daemon_request r = {
		.address = none, .service = none, .user = none, .module = none, .password = none,
		.new_password = none, .challenge = none, .response = none,
	};
	struct span line, name, value;

	while (take_line(&bytes, &line)) {
		if (!is_note(line, &name, &value)) {
			enum daemon_parse p = parse_verb(line, bytes, &r);
			if (p == DAEMON_WHOLE)
				*out = r;
			return p;
		}
		if (span_eq(name, SPAN_LIT("TCPREMOTEIP")))
			r.address = value;
	}
	return bytes.len >= DAEMON_REQUEST_LONGEST ? DAEMON_MALFORMED : DAEMON_MORE;
}
