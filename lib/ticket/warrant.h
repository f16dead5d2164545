/*
 * warrant - an operator's order, good for one call to one process
 *
 * A SignedWarrant (proto/admin.proto) is Ed25519 over the label "posthouse-warrant-1", a NUL
 * and the serialised Warrant. It names the method, the digest of the request, and role and instance of
 * the process it is for; it ends after a minute, and a process obeys each one once. So whoever
 * sees a warrant, the process it was sent to included, can do nothing with it
 * that the operator did not order (docs/adr/0008-operators.md).
 *
 *	warrant_sign(signer, &arena, &order, clock_wall_s(), &bytes);
 *	...
 *	warrant_gate_open("admin.pub", "storesvc", instance, &gate);
 *	warrant_gate_check(gate, &arena, bytes, &order, clock_wall_s(), &warrant);
 */
#ifndef TICKET_WARRANT_H
#define TICKET_WARRANT_H

#include "proto/admin.pb-c.h"
#include "ticket/ticket.h"

/* What is ordered. */
struct warrant_order {
	const char *service, *method;
	struct span message;		/* the request, serialised          */
	const char *role, *instance;	/* of the process that is to do it: "storesvc", as Health says */
	const char *by;			/* who says so, in words; signing only */
};

/* The serialised SignedWarrant, in the arena. */
MUST_USE struct status warrant_sign(const struct ticket_signer *s, struct arena *a,
    const struct warrant_order *order, int64_t now_s, struct span *out);

struct warrant_gate;

/* `key_files`: comma-separated PEM public keys of operators; empty: nobody is let through. Thread-safe. */
MUST_USE struct status warrant_gate_open(const char *key_files, const char *role, const char *instance,
    struct warrant_gate **out);
void warrant_gate_free(struct warrant_gate **g);

/*
 * Is that order covered? UNAUTHENTICATED for a warrant that is missing, malformed, not genuine, for something
 * else, or was used already; UNAVAILABLE for one meant for the process that was here before; DENIED when this
 * process knows no operator. Role and instance in `order` are not looked at: the gate knows its own. *out lives in the arena.
 */
MUST_USE struct status warrant_gate_check(struct warrant_gate *g, struct arena *a, struct span signed_warrant,
    const struct warrant_order *order, int64_t now_s, const Posthouse__Warrant **out);

#endif
