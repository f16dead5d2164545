/*
 * message_scan - line ends of a message on its way in
 *
 * One pass over the literal of APPEND, in whatever pieces it comes. Afterwards
 * it is known how the message may be stored: a clean one (every LF after a CR,
 * every CR before an LF) with LF line ends, any other exactly as it came.
 *
 *	message_scan_init(&scan);
 *	while (more)
 *		message_scan_feed(&scan, piece);
 *	if (message_scan_clean(&scan)) ...	W = scan.bytes, S = scan.bytes - scan.crlf
 */
#ifndef MAIL_MESSAGE_SCAN_H
#define MAIL_MESSAGE_SCAN_H

#include "base/buf.h"
#include "base/span.h"

struct message_scan {
	uint64_t bytes;		/* so far                     */
	uint64_t lf, cr, crlf;	/* how many; a CRLF counts in all three */
	uint64_t nul;
	bool after_cr;		/* the last byte was a CR     */
};

void message_scan_init(struct message_scan *s);
void message_scan_feed(struct message_scan *s, struct span piece);

static inline bool
message_scan_clean(const struct message_scan *s)
{
	return s->lf == s->crlf && s->cr == s->crlf;
}

/* Size with every lone LF as CRLF: W of a message of the other servers' that has no W. */
static inline uint64_t
message_scan_served_size(const struct message_scan *s)
{
	return s->bytes + (s->lf - s->crlf);
}

#endif
