/*
 * daemon - authdaemond's socket, for programs that look accounts up as Courier's do
 *
 * Mail transports, delivery agents and other servers go on asking where they always did. The socket is
 * made beside its name and renamed, so there is no moment without one; everybody may connect who may
 * enter its directory. Clients are read on the loop and answered by threads of the daemon's own: the
 * workers that serve frontends never wait for them. A client has ten seconds to ask, and one that gets
 * no answer is closed without a word.
 */
#ifndef AUTHSVC_DAEMON_DAEMON_H
#define AUTHSVC_DAEMON_DAEMON_H

#include <event2/event.h>

#include "authsvc/auth.h"

struct daemon;

/* *out is NULL for an empty path. UNAVAILABLE, logged: the socket cannot be made there. */
MUST_USE struct status daemon_new(struct event_base *loop, struct auth *auth, const char *path, struct daemon **out);
/* While the loop does not run. Answers under way are given; who is still asking is closed. */
void daemon_free(struct daemon **d);

#endif
