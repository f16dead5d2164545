/*
 * imap_names - mailbox names as the client sees them, and as the services do
 *
 * Among services a name is canonical: UTF-8, levels separated by "/", INBOX in
 * capitals, no prefix. A client sees modified UTF-7, the separator of the
 * settings, and everything but INBOX behind the prefix of the settings:
 *
 *	canonical	prefix "", "/"	prefix "INBOX.", "."
 *	INBOX		INBOX		INBOX
 *	Sent		Sent		INBOX.Sent
 *	Work/2024	Work/2024	INBOX.Work.2024
 *	a.b/c		a.b/c		INBOX.a&AC4-b.c
 *
 * The last line: a level may hold any character but "/", so where "." separates
 * levels, a "." within one is written as an escape that proper modified UTF-7
 * never contains. Each canonical name has one visible form and the way back
 * gives the same name.
 */
#ifndef IMAP_NAMES_H
#define IMAP_NAMES_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

struct imap_names {
	struct span prefix;	/* "", or ends with the separator; as the client sees it */
	char separator;		/* '/' or '.'                                            */
};

/* False when the settings do not go together. Borrows `prefix`. */
MUST_USE bool imap_names_init(struct imap_names *n, const char *prefix, const char *separator);

/*
 * What the client calls `visible`. INVALID: no mailbox can have that name.
 * NOT_FOUND: it could, but not in the namespace there is. A separator at
 * the end is allowed and dropped (RFC 3501 6.3.3). Terminated.
 */
MUST_USE struct status imap_names_canonical(const struct imap_names *n, struct arena *a,
    struct span visible, char **out);

/* The way back. False when `canonical` is not UTF-8. */
MUST_USE bool imap_names_visible(const struct imap_names *n, struct arena *a, const char *canonical,
    struct span *out);

/*
 * A pattern of LIST or LSUB, joined with its reference, for storesvc. The
 * canonical pattern may match more than was asked for (with `below` also everything
 * below what matches); imap_names_match decides. False: nothing can match.
 */
MUST_USE bool imap_names_pattern(const struct imap_names *n, struct arena *a, struct span visible,
    bool below, char **out);

/* Does a visible name match a visible pattern? "*" is anything, "%" anything within a level. */
bool imap_names_match(const struct imap_names *n, struct span pattern, struct span visible);

/* Nothing but the name of one mailbox: no "*" and no "%". */
bool imap_names_is_plain(struct span pattern);

#endif
