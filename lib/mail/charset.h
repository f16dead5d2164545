/*
 * charset - any charset to UTF-8, through iconv
 *
 * Conversion never fails: what is malformed becomes U+FFFD. 8-bit text that
 * calls itself US-ASCII, or something nobody knows, is taken for UTF-8 where it
 * is that and for Latin-1 where it is not. US-ASCII and UTF-8 do not pass
 * through iconv. Each thread keeps a few iconv descriptors; they are closed when
 * the thread ends.
 */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/buf.h"
#include "base/span.h"

enum charset_family {
	CHARSET_UTF8,		/* US-ASCII and UTF-8                              */
	CHARSET_ASCII_PLUS,	/* ASCII bytes mean ASCII: ISO-8859-x, KOI8-R, ... */
	CHARSET_OTHER,		/* UTF-16, ISO-2022-JP, Shift_JIS, EBCDIC, ...     */
	CHARSET_UNKNOWN
};

/* Aliases and wrong spellings of real mail are known. The empty name is US-ASCII. */
enum charset_family charset_family(struct span name);

/* For SEARCH CHARSET: can we convert it? */
static inline bool
charset_known(struct span name)
{
	return charset_family(name) != CHARSET_UNKNOWN;
}

/* All of `in`, converted, added to `out`. */
void charset_to_utf8(struct span name, struct span in, struct buf *out);

/*
 * Text that comes in pieces: characters may be cut anywhere.
 *
 *	charset_open(&c, name);
 *	while (more)
 *		charset_feed(&c, piece, &utf8);
 *	charset_close(&c, &utf8);
 *
 * Closing gives the descriptor back; it is due always, and in the same thread.
 */
struct charset_stream {
	enum charset_family family;
	bool guess;		/* malformed UTF-8 may be Latin-1         */
	void *descriptor;	/* iconv_t, or NULL                       */
	unsigned slot;		/* where in the thread's cache it belongs */
	char held[16];		/* an unfinished character                */
	unsigned held_len;
};

void charset_open(struct charset_stream *c, struct span name);
void charset_feed(struct charset_stream *c, struct span in, struct buf *out);
/* `out` may be NULL: what is left is dropped. */
void charset_close(struct charset_stream *c, struct buf *out);

#endif
