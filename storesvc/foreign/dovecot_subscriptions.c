/*
 * dovecot_subscriptions.c - Dovecot's file "subscriptions", as lines of Courier's
 */
#include "storesvc/foreign/dovecot_subscriptions.h"

/* What \001 and a letter stand for; -1: nothing that is known. */
static int
unescape(char c)
{
	switch (c) {
	case '1':
		return '\001';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	default:
		return -1;
	}
}

/* One level of a name. False: a folder's name cannot have it. */
static bool
add_level(struct span level, struct buf *out)
{
	if (!level.len)
		return false;
	for (size_t i = 0; i < level.len; i++) {
		int c = (unsigned char)level.at[i];
		if (c == '\001')
			c = ++i < level.len ? unescape(level.at[i]) : -1;
		if (c < 0x20 || c == '.' || c == '/')
			return false;
		buf_char(out, (char)c);
	}
	return true;
}

static void
add_line(struct span name, char separator, struct buf *out)
{
	size_t start = out->len;
	struct span first = span_head(name, span_index(name, separator));
	bool good = true;

	if (span_eq_nocase(first, SPAN_LIT("INBOX")))
		(void)span_cut(&name, separator);
	buf_str(out, "INBOX");
	while (name.at && good) {
		buf_char(out, '.');
		good = add_level(span_cut(&name, separator), out);
	}
	buf_char(out, '\n');
	if (!good)
		out->len = start;
}

/* Maildir++ has "."; a folder that is a directory of directories has "/". */
static char
separator_of(struct span name)
{
	return span_index(name, '/') < name.len && span_index(name, '.') == name.len ? '/' : '.';
}

void
dovecot_subscriptions_convert(struct span text, struct buf *out)
{
	struct span rest = text;
	bool tabs = span_starts(span_cut(&rest, '\n'), SPAN_LIT("V\t"));

	if (!tabs)
		rest = text;
	while (rest.at) {
		struct span line = span_cut(&rest, '\n');
		if (span_ends(line, SPAN_LIT("\r")))
			line.len--;
		if (line.len)
			add_line(line, tabs ? '\t' : separator_of(line), out);
	}
}
