/*
 * cram_digest.c - HMAC that is begun from stored states of the hash
 *
 * A hash that has taken in one block is its state and the number 64. EVP cannot be
 * begun in the middle, so this file uses OpenSSL's older interface, as password_hmac.c does.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "authsvc/sasl/cram_digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/hex.h"
#include "base/secret.h"

#define BLOCK_BITS (64 * 8)
#define LONGEST 32		/* bytes of a state, and of a digest */

static unsigned int
word(const unsigned char *state, size_t i, bool little)
{
	const unsigned char *b = state + 4 * i;

	return little ? (unsigned int)b[3] << 24 | (unsigned int)b[2] << 16 | (unsigned int)b[1] << 8 | b[0] :
	    (unsigned int)b[0] << 24 | (unsigned int)b[1] << 16 | (unsigned int)b[2] << 8 | b[3];
}

static void
go_on_md5(const unsigned char *state, struct span bytes, unsigned char *out)
{
	MD5_CTX c;

	MD5_Init(&c);
	c.A = word(state, 0, true);
	c.B = word(state, 1, true);
	c.C = word(state, 2, true);
	c.D = word(state, 3, true);
	c.Nl = BLOCK_BITS;
	MD5_Update(&c, bytes.at, bytes.len);
	MD5_Final(out, &c);
}

static void
go_on_sha1(const unsigned char *state, struct span bytes, unsigned char *out)
{
	SHA_CTX c;

	SHA1_Init(&c);
	c.h0 = word(state, 0, false);
	c.h1 = word(state, 1, false);
	c.h2 = word(state, 2, false);
	c.h3 = word(state, 3, false);
	c.h4 = word(state, 4, false);
	c.Nl = BLOCK_BITS;
	SHA1_Update(&c, bytes.at, bytes.len);
	SHA1_Final(out, &c);
}

static void
go_on_sha256(const unsigned char *state, struct span bytes, unsigned char *out)
{
	SHA256_CTX c;

	SHA256_Init(&c);
	for (size_t i = 0; i < 8; i++)
		c.h[i] = word(state, i, false);
	c.Nl = BLOCK_BITS;
	SHA256_Update(&c, bytes.at, bytes.len);
	SHA256_Final(out, &c);
}

static const struct {
	const char *name;
	size_t len;
	void (*go_on)(const unsigned char *state, struct span bytes, unsigned char *out);
} hashes[] = {
	{ "MD5", 16, go_on_md5 },
	{ "SHA1", 20, go_on_sha1 },
	{ "SHA256", 32, go_on_sha256 },
};

struct span
cram_digest(struct arena *a, const char *hash, struct span states, struct span message)
{
	unsigned char state[2 * LONGEST], inner[LONGEST], outer[LONGEST];
	size_t i = 0;

	while (strcmp(hashes[i].name, hash) != 0)
		i++;
	size_t len = hashes[i].len;
	if (states.len != 4 * len || !hex_decode(states, state))
		return (struct span){ 0 };
	hashes[i].go_on(state + len, message, inner);
	hashes[i].go_on(state, span_of(inner, len), outer);
	char *text = arena_bytes(a, 2 * len);
	hex_encode(span_of(outer, len), text);
	secret_wipe(state, sizeof(state));
	return span_of(text, 2 * len);
}
