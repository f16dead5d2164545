/*
 * failures - guessing is made slow, mistyping is not
 *
 * Failed logins are counted per account and per address (an IPv6 network of 64 bits counts
 * as one; loopback does not count). The answer to a failure is held back: not
 * at all for the first of an account, then for `first_delay_ms`, twice that, and so on up to
 * fifteen seconds. An address is given a few failures more, for many people may share it. A success
 * makes the account's failures forgotten, a quarter of an hour without failures all of them.
 *
 * Who is held back occupies a worker thread, so only a few may be at a time. When
 * there is no more room, an address whose delay is not over yet is turned away before its
 * password is looked at: many connections at once guess no faster than a few.
 *
 * Counts are shared through Redis while it is there. Thread-safe.
 */
#ifndef AUTHSVC_FAILURE_FAILURES_H
#define AUTHSVC_FAILURE_FAILURES_H

#include <stdint.h>

#include "base/status.h"
#include "rpc/rpc.h"

struct failures;

struct failures_options {
	int64_t first_delay_ms;		/* 0: nobody is slowed down      */
	const char *redis_url;		/* "" or NULL: count here alone  */
	int waiters;			/* how many may be held back at a time */
};

MUST_USE struct status failures_new(const struct failures_options *options, struct failures **out);
void failures_free(struct failures **f);

/* EXHAUSTED: this address has to wait and there is no room for it to. */
MUST_USE struct status failures_admit(struct failures *f, const char *address);
/* Count one, in every place; how long its answer is to be held back, in milliseconds. */
int64_t failures_count(struct failures *f, const char *account, const char *address);
/* Hold the answer to `call` back, but not beyond its deadline. */
void failures_wait(struct failures *f, int64_t delay_ms, const struct rpc_call *call);
void failures_forgive(struct failures *f, const char *account);

/* The service ends: nobody waits any longer. */
void failures_hurry(struct failures *f);

/* How long the answer to the nth failure waits, of which the first `free` cost nothing. */
int64_t failures_delay_ms(int64_t first_delay_ms, unsigned count, unsigned free);

#endif
