/*
 * methods - what authsvc can be asked
 *
 *	method			code
 *	Auth.Login		method_login.c		who is this, with that password?
 *	Auth.Renew		method_renew.c		is the account still welcome?
 *	Auth.Mechanisms		method_mechanisms.c	how may one log in?
 *	Auth.Exchange		method_exchange.c	one step of a SASL exchange
 */
#ifndef AUTHSVC_METHODS_METHODS_H
#define AUTHSVC_METHODS_METHODS_H

#include "authsvc/auth.h"
#include "rpc/rpc_server.h"

/* The vtable, to be copied to the front of a struct auth. */
extern const Posthouse__Auth_Service auth_methods;
/* Who may call them, and how large requests may be. */
extern const struct rpc_rule auth_rules[];
/* The ticket, for methods that need one, before the request is unpacked. Lives as long as `auth`. */
struct rpc_guard auth_guard(struct auth *auth);

void method_login(Posthouse__Auth_Service *service, const Posthouse__LoginRequest *in,
    Posthouse__LoginReply_Closure closure, void *data);
void method_renew(Posthouse__Auth_Service *service, const Posthouse__RenewRequest *in,
    Posthouse__RenewReply_Closure closure, void *data);
void method_mechanisms(Posthouse__Auth_Service *service, const Posthouse__MechanismsRequest *in,
    Posthouse__MechanismsReply_Closure closure, void *data);
void method_exchange(Posthouse__Auth_Service *service, const Posthouse__ExchangeRequest *in,
    Posthouse__ExchangeReply_Closure closure, void *data);

/* What Login, Renew and Exchange share. */

static inline struct auth *
auth_of(Posthouse__Auth_Service *service)
{
	return (struct auth *)service;
}

/*
 * "imap" for "imaps": modules and options do not care about the port. Borrows from the peer. INVALID without a peer,
 * for a service that frontends do not have (account_service.h), or an address that is none.
 */
MUST_USE struct status peer_query(const Posthouse__Peer *peer, struct auth_query *out);

/* The account may use the service: a ticket for it. DENIED otherwise. */
MUST_USE struct status welcome(struct auth *auth, struct arena *a, const struct auth_query *q, bool tls,
    struct auth_account *account, struct issued *out);

#endif
