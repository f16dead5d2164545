/*
 * cram.c - the client's half of CRAM-MD5 (RFC 2195) and its kin
 */
#include "authsvc/sasl/cram.h"

#include "authsvc/sasl/cram_digest.h"
#include "authsvc/sasl/stored.h"
#include "base/secret.h"

bool
cram_split(struct arena *a, struct span response, struct span *name, struct span *digest)
{
	size_t space = span_rindex(response, ' ');

	if (space == response.len || span_index(response, '\0') < response.len)
		return false;
	struct span given = span_skip(response, space + 1);
	char *lower = arena_bytes(a, given.len + 1);
	for (size_t i = 0; i < given.len; i++)
		lower[i] = ascii_lower(given.at[i]);
	*name = span_head(response, space);
	*digest = span_of(lower, given.len);
	return true;
}

const struct auth_secret *
cram_find(struct arena *a, const char *hash, const struct auth_secrets *secrets, struct span challenge,
    struct span digest)
{
	const struct auth_secret *found = NULL;
	struct span states;

	for (size_t i = 0; i < secrets->count; i++) {
		if (!stored_hmac(a, secrets->at[i].stored, hash, &states))
			continue;
		struct span expected = cram_digest(a, hash, states, challenge);
		if (expected.len && secret_eq(expected, digest))
			found = &secrets->at[i];
		secret_wipe((char *)(uintptr_t)states.at, states.len);
	}
	return found;
}
