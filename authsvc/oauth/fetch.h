/*
 * fetch - an HTTP server's answers, whole, over a few kept connections
 *
 * Redirections are not followed: a token goes to the server that the settings name and nowhere else. Thread-safe.
 */
#ifndef AUTHSVC_OAUTH_FETCH_H
#define AUTHSVC_OAUTH_FETCH_H

#include "authsvc/oauth/oauth_settings.h"
#include "base/buf.h"

#define FETCH_MOST (1 << 20)	/* bytes of an answer */

struct fetcher;

/* `settings` are borrowed. */
struct fetcher *fetcher_new(const struct oauth_settings *settings);
void fetcher_free(struct fetcher **f);

struct fetch {
	const char *url;
	struct span form;	/* what is posted; at NULL: nothing, it is a GET */
	/* Out. */
	long status;		/* HTTP's */
	struct buf body;	/* buf_init'ed by the caller with a limit */
};

/* False, and logged, when there was no whole answer. */
MUST_USE bool fetch(struct fetcher *f, struct fetch *task);

#endif
