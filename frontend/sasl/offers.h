/*
 * offers - how one may log in, as authsvc says, and as a connection allows
 *
 * Each loop has one. It asks authsvc when the loop begins, and every few seconds again; until there is
 * an answer it offers what needs no more than a password, PLAIN and LOGIN.
 *
 *	struct buf b;
 *	offers_print(s, " AUTH=", &b);			" AUTH=SCRAM-SHA-256 AUTH=PLAIN"
 */
#ifndef FRONTEND_SASL_OFFERS_H
#define FRONTEND_SASL_OFFERS_H

#include "frontend/session/session.h"

struct offers;

struct offers *offers_new(struct loop *loop, ProtobufCService *auth, int64_t patience_ms);
void offers_free(struct offers **o);
/* On the loop's thread, once. */
void offers_start(struct offers *o);
/* authsvc has answered. */
bool offers_known(const struct offers *o);

enum offer {
	OFFER_NONE,		/* it cannot be used here                             */
	OFFER_NEEDS_TLS,	/* not on this connection, as a password would be read */
	OFFER_STANDS,
};

/* May this session's client use it? In any case of letters; *out_name is authsvc's spelling, for as long as this event. */
enum offer offers_find(const struct session *s, struct span name, const char **out_name);
/* All that stand, the best first, each behind `before`. Not APOP, which is no mechanism of SASL. */
void offers_print(const struct session *s, const char *before, struct buf *out);

#endif
