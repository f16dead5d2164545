/*
 * login - logging in, whatever the protocol
 *
 * A command that logs in has a struct login in its frame, begins it in one of three ways, and continues with
 * `next` when it is known what came of it: l->outcome. The protocol says it in its own words.
 *
 *	password	who and which password, as the command has them
 *	exchange	SASL (RFC 4422): lines to and fro, each in base64
 *	apop		POP3's
 *
 * What the client said is wiped when the task ends.
 */
#ifndef FRONTEND_SASL_LOGIN_H
#define FRONTEND_SASL_LOGIN_H

#include "frontend/session/session.h"

enum login_outcome {
	LOGIN_WELCOME,			/* the session is the account's                       */
	LOGIN_WRONG,			/* unknown, or wrong: nobody learns who exists        */
	LOGIN_DENIED,			/* t->status.text may say why                         */
	LOGIN_AWAY,			/* nobody can tell now                                */
	LOGIN_CROWDED,			/* too many connections of the account; t->status     */
	LOGIN_TOO_SOON,			/* after the last one                                 */
	LOGIN_UNSUPPORTED,		/* the mechanism cannot be used here                  */
	LOGIN_NEEDS_TLS,		/* it would send a password for everybody to read     */
	LOGIN_MALFORMED,		/* not what the protocol allows: l->text              */
	LOGIN_FAILED,			/* t->status                                          */
};

struct login_prompts;

struct login {
	enum login_outcome outcome;
	const char *text;

	/* Used inside sasl/. */
	step_fn *next;
	const Posthouse__LoginReply *reply;	/* whoever has sent it */
	Posthouse__LoginRequest password_request;
	const struct login_prompts *prompts;	/* of a mechanism that needs no authsvc but for the password */
	Posthouse__ExchangeRequest exchange_request;
	const Posthouse__ExchangeReply *exchange_reply;
	uint64_t through;			/* where the exchange is */
	struct span line, responses[2];
	unsigned response_count;
};

/* `authorize` may be empty. */
MUST_USE enum step login_password(struct task *t, struct login *l, struct span user, struct span password,
    struct span authorize, step_fn *next);
/* `initial`: base64, "=" for an empty one; its `at` is NULL when there is none. */
MUST_USE enum step login_exchange(struct task *t, struct login *l, struct span mechanism, struct span initial,
    step_fn *next);
/* `timestamp` stood in the greeting; `proof` is "name digest". */
MUST_USE enum step login_apop(struct task *t, struct login *l, const char *timestamp, struct span proof,
    step_fn *next);

/* --- for the files of sasl/ ------------------------------------------------- */

/* Somebody has been believed: enter, and continue. */
MUST_USE enum step login_enter(struct task *t, struct login *l, const Posthouse__LoginReply *reply);
/* authsvc has said no, in t->status. */
MUST_USE enum step login_refused(struct task *t, struct login *l);
MUST_USE enum step login_over(struct task *t, struct login *l, enum login_outcome outcome, const char *text);
/* Who asks, with what binds to the connection. */
Posthouse__Peer *login_peer(struct session *s, struct arena *a);
void login_wipe_at_end(struct task *t, struct span *secret);

#endif
