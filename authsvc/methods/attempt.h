/*
 * attempt - one try to log in, whatever way
 *
 *	attempt_begin	is that an address that should be waiting?
 *	...		a password is verified, or an exchange of SASL comes to its end
 *	attempt_end	a failure is counted and held back; a success is forgiven its failures, checked against the
 *			account's options, and given a ticket
 *
 * Whoever cannot log in learns nothing about why: an unknown name, a wrong password and an account
 * without a password have one answer, after the same work.
 */
#ifndef AUTHSVC_METHODS_ATTEMPT_H
#define AUTHSVC_METHODS_ATTEMPT_H

#include "authsvc/methods/methods.h"

struct attempt {
	struct auth_query query;
	const char *service;		/* "imaps", for the log                  */
	const char *mechanism;		/* "SCRAM-SHA-256", or "password"; likewise */
	bool tls, by_password;
	/* by_password: or a challenge about one, not by a token or somebody else's word. */
	const char *authorize;		/* whom he wants to be; "" for himself   */
	struct span password;		/* empty when it was proved another way  */
};

/*
 * All but `authorize`, which is "", and `password`. Borrows from the peer. INVALID without one, EXHAUSTED for an
 * address that has to wait.
 */
MUST_USE struct status attempt_begin(struct auth *auth, const Posthouse__Peer *peer, struct attempt *out);
/* `account` is looked at when the result is AUTH_OK. */
MUST_USE struct status attempt_end(struct auth *auth, struct rpc_call *call, const struct attempt *attempt,
    enum auth_result result, struct auth_account *account, struct issued *out);

/* Fill an initialised reply; borrows from `issued`. */
void attempt_reply(const struct issued *issued, Posthouse__LoginReply *out);

#endif
