/*
 * status - how anything that can fail says so
 *
 * Two words, returned by value. The same codes cross RPC. `text` is for the
 * mail user: a literal, or in the task's arena; it names no path and no errno
 * (whoever discovers a failure logs those, once).
 *
 *	struct status st = mailbox_open(m, name, &box);
 *	if (!status_ok(st))
 *		return st;
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))

enum status_code {
	STATUS_OK = 0,
	STATUS_INVALID,		/* malformed request                  */
	STATUS_UNAUTHENTICATED,	/* we do not know who you are         */
	STATUS_DENIED,		/* we do, and the answer is no        */
	STATUS_NOT_FOUND,
	STATUS_EXISTS,
	STATUS_CONFLICT,	/* the mailbox changed under you      */
	STATUS_EXHAUSTED,	/* quota, size, connections           */
	STATUS_UNAVAILABLE,	/* try again: peer down, lock held    */
	STATUS_DEADLINE,
	STATUS_CANCELLED,
	STATUS_CORRUPT,		/* not what we once wrote             */
	STATUS_UNIMPLEMENTED,	/* a method this version does not have */
	STATUS_INTERNAL,	/* our bug                            */
	STATUS_CODES		/* how many there are                 */
};

struct status {
	enum status_code code;
	const char *text;
};

static inline struct status
status_make(enum status_code code, const char *text)
{
	return (struct status){ code, text };
}

#define STATUS_FINE status_make(STATUS_OK, "")

static inline bool
status_ok(struct status s)
{
	return s.code == STATUS_OK;
}

/* "NOT_FOUND": for logs and tests. Never NULL. */
const char *status_name(enum status_code code);

#endif
