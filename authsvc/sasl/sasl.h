/*
 * sasl - the server's side of one exchange (RFC 4422)
 *
 * A mechanism is a row of sasl_mechanisms.c. It is given the client's responses one by one and answers each
 * with a challenge, until it knows how the exchange ends. Its code is straight-line and may block; one
 * exchange is served by one thread at a time, and lives between two responses in sasl_exchanges.h.
 *
 *	struct sasl *x = sasl_new(server, peer, mechanism);
 *	switch (sasl_step(x, NULL or &initial, &challenge)) {
 *	case SASL_CHALLENGE:	send it, wait, sasl_step(x, &response, &challenge)
 *	case SASL_ACCEPTED:	x->account is who; the challenge, if there is one, goes with the good news
 *	...
 *	sasl_free(&x);
 */
#ifndef AUTHSVC_SASL_SASL_H
#define AUTHSVC_SASL_SASL_H

#include "authsvc/sasl/sasl_server.h"
#include "proto/auth.pb-c.h"

enum sasl_result {
	SASL_CHALLENGE,		/* another response is expected                    */
	SASL_ACCEPTED,		/* the account is filled in                        */
	SASL_REJECTED,		/* unknown, or not proved                          */
	SASL_TROUBLE,		/* a module cannot answer now, and has logged why  */
	SASL_MALFORMED,		/* that was no response of this mechanism          */
};

struct sasl;

struct sasl_mechanism {
	const char *name;
	unsigned needs;			/* enum MechanismNeeds of proto/auth.proto                   */
	unsigned offers;		/* any of these (enum auth_offers) makes it possible; 0: see `possible` */
	bool (*possible)(const struct sasl_server *server);	/* beside that; NULL: always   */
	bool server_first;		/* the first challenge needs no response, and takes none     */
	/*
	 * `response` is empty for the first challenge of a server that speaks first. *out may be left alone;
	 * what it is set to is in the exchange's arena. NULL: frontends do it, with Auth.Login.
	 */
	enum sasl_result (*step)(struct sasl *x, struct span response, struct span *out);
	void (*end)(struct sasl *x);	/* release x->state; NULL: nothing to release  */
	const void *detail;		/* the mechanism's own: which hash, which form */
};

/* All there are, the best first; the last has no name. */
extern const struct sasl_mechanism sasl_mechanisms[];

struct sasl {
	const struct sasl_mechanism *mechanism;
	const struct sasl_server *server;
	struct arena arena;		/* as long as the exchange                     */
	void *state;			/* the mechanism's                             */
	unsigned responses;		/* so far                                      */

	/* The client, copied from the request that began. */
	const char *service;		/* "imaps", for the log                        */
	const char *certificate_name;	/* "" without one                              */
	struct span tls_exporter, tls_unique;	/* empty without                       */
	bool tls;

	/* Who it is: query.account as soon as a name is known, "" before. */
	struct auth_query query;
	struct auth_account account;	/* when accepted                               */
	const char *authorize;		/* the identity asked for, "" for the same     */
};

/* `query` is copied, and so is what is needed of the peer. */
struct sasl *sasl_new(const struct sasl_server *server, const struct sasl_mechanism *mechanism,
    const Posthouse__Peer *peer, const struct auth_query *query);
void sasl_free(struct sasl **x);

/*
 * `response` NULL: the exchange begins without an initial response. *out_has tells whether there is a challenge,
 * which may be empty; it is in x's arena.
 */
enum sasl_result sasl_step(struct sasl *x, const struct span *response, struct span *out, bool *out_has);

/* --- for mechanisms ------------------------------------------------------- */

/* Take a name the client gave for the account's. False: that can be nobody's name. */
bool sasl_name(struct sasl *x, struct span name);
/* Somebody else has vouched for the name: the account, if there is one. */
enum sasl_result sasl_look_up(struct sasl *x, struct span name);
enum sasl_result sasl_result_of(enum auth_result result);

#endif
