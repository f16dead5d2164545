/*
 * directory_guard - an end to what libldap waits for without a limit
 *
 * Its TLS handshake knows none: a server that takes the connection and then says nothing would hold a thread for good.
 * A guard is a thread that shuts the socket down when the time is over, which ends the wait with an error.
 *
 *	directory_guard_begin(&g, deadline);
 *	... directory_guard_watch(&g, fd), directory_guard_watch(&g, -1) before fd is closed ...
 *	directory_guard_end(&g);
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_GUARD_H
#define AUTHSVC_LDAP_DIRECTORY_GUARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct directory_guard {
	pthread_t thread;
	int64_t deadline;	/* clock_mono_ms() */
	pthread_mutex_t lock;	/* of all below */
	pthread_cond_t ended;
	int fd;			/* -1: none */
	bool over;
};

/* False, and logged, when there can be no thread. */
MUST_USE bool directory_guard_begin(struct directory_guard *g, int64_t deadline);
/* One socket at a time; its number must not be another's before it is taken back. */
void directory_guard_watch(struct directory_guard *g, int fd);
void directory_guard_end(struct directory_guard *g);

#endif
