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

/*
 * What is signed is a label, a NUL and the bytes: no signature is good for two things. False: out of
 * memory, or not this key's signature.
 */
MUST_USE bool ticket_key_sign(const struct ticket_key *k, const char *label, struct span bytes,
    unsigned char out_signature[TICKET_SIGNATURE_LEN]);
MUST_USE bool ticket_key_verify(const struct ticket_key *k, const char *label, struct span bytes,
    struct span signature);

#define TICKET_LABEL "posthouse-ticket-1"
#define WARRANT_LABEL "posthouse-warrant-1"

/* Public keys, found by id. */
struct ticket_keys {
	struct ticket_key *keys;
	size_t count, room;
};

/* `files`: comma-separated; NULL or empty: none. */
MUST_USE struct status ticket_keys_read(const char *files, struct ticket_keys *out);
void ticket_keys_add(struct ticket_keys *all, struct ticket_key take_key);
/* NULL: no such key. */
const struct ticket_key *ticket_keys_find(const struct ticket_keys *all, const char *id);
void ticket_keys_release(struct ticket_keys *all);

#endif
