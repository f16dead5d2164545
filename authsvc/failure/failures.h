/*
 * failures - guessing is made slow, mistyping is not
 *
 * Failed logins are counted per account and per address (an IPv6 network of 64 bits counts
 * as one; loopback does not count). The answer to a failure is held back: not
 * at all for the first of an account, then for `first_delay_ms`, twice that, and so on up to
 * fifteen seconds. An address is given a few failures more, for many people may share it. A success
 * makes the account's failures forgotten, a quarter of an hour without failures all of them.
 *
 * A wrong password that the same account has had from the same address lately does not count again: that is a program
 * which was not told of the new one. Of such passwords an HMAC is remembered, for the quarter of an hour.
 *
 * However long a check took, the answer to a failure leaves a multiple of `step_ms` after it was asked for, so
 * that the clock does not tell who has an account here.
 *
 * An answer that is held back occupies nobody. But while a few are, an address whose delay is not over yet is turned
 * away before its password is looked at: many connections at once guess no faster than a few.
 *
 * All is shared through Redis, whose word counts while it is there. Thread-safe.
 */
#ifndef AUTHSVC_FAILURE_FAILURES_H
#define AUTHSVC_FAILURE_FAILURES_H

#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "rpc/rpc.h"

#define FAILURES_KEY 32		/* bytes */

struct failures;

struct failures_options {
	int64_t first_delay_ms;		/* 0: nobody is slowed down      */
	int64_t step_ms;		/* 0: a refusal takes as long as its check */
	const char *redis_url;		/* "" or NULL: count here alone  */
	int waiters;			/* how many are held back before addresses are turned away */
	/* FAILURES_KEY bytes, the same in all authsvc, for wrong passwords. NULL: those of others are not recognised. */
	const unsigned char *key;
};

MUST_USE struct status failures_new(const struct failures_options *options, struct failures **out);
void failures_free(struct failures **f);

/* EXHAUSTED: this address has to wait, and enough others do. */
MUST_USE struct status failures_admit(struct failures *f, const char *address);
/* Count one, in every place; how long its answer is to be held back, in milliseconds. */
int64_t failures_count(struct failures *f, const char *account, const char *address);
/* The same for a password, unless it has been counted. */
int64_t failures_count_password(struct failures *f, const char *account, const char *address,
    struct span password);
void failures_forgive(struct failures *f, const char *account);

/* When the answer to what was asked at `begun` leaves (clock_mono_ms()). */
int64_t failures_answer_at(const struct failures *f, int64_t begun, int64_t delay_ms);
/* Let the answer to `call` leave then, but not beyond its deadline. */
void failures_hold(struct failures *f, int64_t begun, int64_t delay_ms, struct rpc_call *call);

/* How long the answer to the nth failure waits, of which the first `free` cost nothing. */
int64_t failures_delay_ms(int64_t first_delay_ms, unsigned count, unsigned free);

#endif
