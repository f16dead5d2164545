/*
 * service_standing - is the service ready, and if so, what does it do without
 *
 * What is missing keeps it from its work: nobody should send it any. What is merely away has it work less well, and
 * it stays ready. Both are words for people; Health, /readyz and systemd are told the same.
 */
#ifndef SERVICE_SERVICE_STANDING_H
#define SERVICE_SERVICE_STANDING_H

#include "rpc/rpc_server.h"

/* Zeroed: nothing can be missing. Any of the functions may be NULL. */
struct standing {
	/* Words that hold until it is asked again, or NULL when there is nothing to say. */
	const char *(*missing)(void *arg), *(*degraded)(void *arg);
	bool (*enough)(void *arg);		/* can work be done in spite of what is missing? */
	void *missing_arg, *degraded_arg;	/* the first is for `enough`, too */
	bool draining;				/* then this is what is missing */
	char *told;				/* what systemd shows           */
};

void standing_release(struct standing *s);

/* NULL: ready. */
const char *standing_missing(const struct standing *s);
/* Something is missing, and some work is done nevertheless. */
bool standing_enough(const struct standing *s);
/* NULL: all that it could use is there. */
const char *standing_degraded(const struct standing *s);

/* To Health of `server` (may be NULL) and to systemd, if that is news. */
void standing_tell(struct standing *s, struct rpc_server *server);

#endif
