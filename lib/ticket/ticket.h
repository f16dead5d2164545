/*
 * ticket - what authsvc vouches for, checked by everybody else
 *
 * A SignedTicket (proto/common.proto) is Ed25519 over the fixed label
 * "posthouse-ticket-1", a NUL and the serialised Ticket. Only authsvc holds
 * the private key; a verifier has any number of public keys, found by key id,
 * so keys can be rotated (docs/adr/0004-tickets.md).
 *
 * A ticket belongs to an account, not to one connection: logins of the same
 * account may be given the very same bytes for a while, which saves authsvc a
 * signature and the stores a verification. session_id therefore names the
 * ticket, and connections are told apart by their trace ids.
 *
 *	ticket_signer_open("ticket.key", &signer);
 *	ticket_sign(signer, &arena, &ticket, &bytes);
 *	...
 *	ticket_verifier_open("ticket.pub,ticket-old.pub", &verifier);
 *	ticket_verify(verifier, &arena, bytes, clock_wall_s(), &seen);
 */
#ifndef TICKET_TICKET_H
#define TICKET_TICKET_H

#include "base/arena.h"
#include "base/status.h"
#include "proto/common.pb-c.h"

struct ticket_signer;
struct ticket_verifier;

/* PEM private key file. */
MUST_USE struct status ticket_signer_open(const char *key_file, struct ticket_signer **out);
void ticket_signer_free(struct ticket_signer **s);
/* The serialised SignedTicket, in the arena. Any thread may sign. */
MUST_USE struct status ticket_sign(struct ticket_signer *s, struct arena *a,
    const Posthouse__Ticket *ticket, struct span *out);

/*
 * Another secret of the installation, which everybody who has the key file can make: 32 bytes that tell nothing about the key
 * or about what is made with another label.
 */
void ticket_signer_derive(const struct ticket_signer *s, const char *label, unsigned char out[32]);

/* `key_files`: comma-separated PEM public keys. Thread-safe. */
MUST_USE struct status ticket_verifier_open(const char *key_files, struct ticket_verifier **out);
void ticket_verifier_free(struct ticket_verifier **v);
/* Also believe what `s` signs; before the verifier is used. */
void ticket_verifier_trust(struct ticket_verifier *v, const struct ticket_signer *s);
/*
 * UNAUTHENTICATED for a bad signature, an unknown key or an expired ticket (text "Session expired").
 * Tickets seen before are remembered (bounded), so that only the first check costs a verification.
 * *out lives in the arena.
 */
MUST_USE struct status ticket_verify(struct ticket_verifier *v, struct arena *a,
    struct span signed_ticket, int64_t now_s, const Posthouse__Ticket **out);

#endif
