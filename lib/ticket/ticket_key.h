/*
 * ticket_key - Ed25519 keys as files, and the names they go by
 *
 * A key's id is the first 16 hexadecimal digits of the SHA-256 of its 32
 * public bytes: both sides compute it, so nobody has to keep names in step.
 */
#ifndef TICKET_TICKET_KEY_H
#define TICKET_TICKET_KEY_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define TICKET_KEY_ID_LEN 16
#define TICKET_SIGNATURE_LEN 64

struct ticket_key {
	EVP_PKEY *pkey;
	char id[TICKET_KEY_ID_LEN + 1];
};

/* Errors are logged with the path; the status is INVALID or UNAVAILABLE. */
MUST_USE struct status ticket_key_read_private(const char *file, struct ticket_key *out);
MUST_USE struct status ticket_key_read_public(const char *file, struct ticket_key *out);
/* Another reference to the same key. */
struct ticket_key ticket_key_share(const struct ticket_key *k);
void ticket_key_release(struct ticket_key *k);

/* What is signed: the label, a NUL, the ticket. In the arena. */
struct span ticket_signed_bytes(struct arena *a, struct span ticket);

#endif
