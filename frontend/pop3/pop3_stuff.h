/*
 * pop3_stuff - a message as the body of a multi-line answer (RFC 1939, 3)
 *
 * A dot goes before each line that begins with one, and the answer ends with
 * CRLF "." CRLF. Text comes in pieces that may be cut anywhere; what
 * is sent is the same however they are cut.
 *
 *	struct pop3_stuff stuff = POP3_STUFF_BEGIN;
 *	while (pop3_stuff_next(&stuff, &piece, &now))
 *		session_write(s, now);
 *	session_write(s, pop3_stuff_end(&stuff));
 *
 * A line is what ends with LF, whether or not CR is before it: a client that
 * takes bare LF for a line end must not find a "." line inside a message.
 */
#ifndef POP3_STUFF_H
#define POP3_STUFF_H

#include "base/span.h"

struct pop3_stuff {
	char last;			/* the byte before this one             */
	bool clean;			/* so far the text is empty or ends with CRLF */
	bool dotted;			/* the dot for this line is out already */
};

#define POP3_STUFF_BEGIN ((struct pop3_stuff){ .last = '\n', .clean = true })

/* What goes out next; *rest moves on. False: all of *rest is out. */
bool pop3_stuff_next(struct pop3_stuff *s, struct span *rest, struct span *out);
/* The end of the answer. */
struct span pop3_stuff_end(const struct pop3_stuff *s);

/*
 * How much of a message TOP shows: header, empty line, so many lines of the body.
 */
struct pop3_top {
	uint32_t lines;			/* of the body, yet to come       */
	bool in_body;
	bool in_line;			/* this line has more than a CR   */
	bool done;
};

/* How many bytes of this piece belong to it; sets `done` when the rest does not. */
size_t pop3_top_take(struct pop3_top *t, struct span piece);

#endif
