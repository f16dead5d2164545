/*
 * rfc822 - the lexical pieces of structured header fields (RFC 5322 section 3.2)
 *
 * Each function takes its piece off the front of *rest. What is not closed (a
 * comment, a quoted string) reaches to the end of the field, so any sequence of
 * calls is linear in the field. Line ends count as blanks: values need no
 * unfolding first.
 */
#ifndef MAIL_RFC822_H
#define MAIL_RFC822_H

#include "base/arena.h"

static inline bool
rfc822_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* True when there was one. */
bool rfc822_skip_blanks(struct span *rest);

/* Blanks and comments. */
bool rfc822_skip_cfws(struct span *rest);

/* *rest begins with "(": what is between the parentheses, inner ones included, escapes kept. */
struct span rfc822_comment(struct span *rest);

/* *rest begins with a quote: the string inside, escapes and line ends resolved. */
struct span rfc822_quoted(struct arena *a, struct span *rest);

/* Bytes up to a blank or one of `stops`. */
struct span rfc822_until(struct span *rest, const char *stops);

/* `s` without backslashes before other bytes, and without CR and LF. */
struct span rfc822_unescape(struct arena *a, struct span s);

#endif
