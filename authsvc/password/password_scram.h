/*
 * password_scram - the keys that SCRAM needs instead of the password (RFC 5802)
 *
 *	{SCRAM-SHA-1}ROUNDS,SALT,STORED-KEY,SERVER-KEY
 *	{SCRAM-SHA-256}ROUNDS,SALT,STORED-KEY,SERVER-KEY
 *	SCRAM-SHA-256$ROUNDS:SALT$STORED-KEY:SERVER-KEY		as PostgreSQL has it
 *
 * All but the rounds in base64. Passwords go through SASLprep first, as clients do it; one that SASLprep does
 * not accept is taken as it is.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_SCRAM_H
#define AUTHSVC_PASSWORD_PASSWORD_SCRAM_H

#include <stdint.h>

#include "authsvc/password/password.h"

/* What new keys are made with. The client does this work at each login, and telephones are clients. */
#define PASSWORD_SCRAM_ROUNDS 10000
#define PASSWORD_SCRAM_SALT 16		/* bytes */

struct password_scram {
	const char *digest;		/* OpenSSL's name: "SHA1", "SHA256" */
	uint32_t rounds;
	struct span salt, stored_key, server_key;
};

/* False for what is none of the forms. In the arena. */
bool password_scram_read(struct arena *a, struct span stored, struct password_scram *out);

/* Keys made of a password. `digest` is kept; the rest is in the arena, keys to be wiped. */
void password_scram_derive(struct arena *a, const char *digest, struct span password, struct span salt,
    uint32_t rounds, struct password_scram *out);

/* Keys of the empty password, with which nobody logs in. Takes as long as making them. */
bool password_scram_is_empty(const struct password_scram *keys);

/* `digest`: "SHA1" or "SHA256". In the arena. */
const char *password_make_scram(struct arena *a, const char *digest, struct span password);

#endif
