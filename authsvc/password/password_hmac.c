/*
 * password_hmac.c - what CRAM-MD5 and its like need instead of the password
 *
 * The inner state of a hash is nothing EVP shows, so this one file uses
 * OpenSSL's older interface.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "authsvc/password/password_hmac.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/hex.h"
#include "base/secret.h"

#define BLOCK 64		/* bytes, of all three */
#define MOST_WORDS 8

static void
put_words(const unsigned int *words, size_t count, bool little, unsigned char *out)
{
	for (size_t i = 0; i < count; i++)
		for (size_t b = 0; b < 4; b++)
			out[4 * i + b] = (unsigned char)(words[i] >> (little ? 8 * b : 24 - 8 * b));
}

/* The state after one block; the number of its bytes. */
static size_t
state_after(const char *hash, const unsigned char block[BLOCK], unsigned char *out)
{
	if (strcmp(hash, "MD5") == 0) {
		MD5_CTX c;
		MD5_Init(&c);
		MD5_Update(&c, block, BLOCK);
		put_words((unsigned int[]){ c.A, c.B, c.C, c.D }, 4, true, out);
		return 16;
	}
	if (strcmp(hash, "SHA1") == 0) {
		SHA_CTX c;
		SHA1_Init(&c);
		SHA1_Update(&c, block, BLOCK);
		put_words((unsigned int[]){ c.h0, c.h1, c.h2, c.h3, c.h4 }, 5, false, out);
		return 20;
	}
	SHA256_CTX c;
	SHA256_Init(&c);
	SHA256_Update(&c, block, BLOCK);
	put_words(c.h, MOST_WORDS, false, out);
	return 32;
}

/* A key longer than a block is hashed first. */
static void
key_block(const char *hash, struct span password, unsigned char key[BLOCK])
{
	memset(key, 0, BLOCK);
	if (password.len == 0)
		return;
	if (password.len <= BLOCK)
		memcpy(key, password.at, password.len);
	else if (strcmp(hash, "MD5") == 0)
		MD5((const unsigned char *)password.at, password.len, key);
	else if (strcmp(hash, "SHA1") == 0)
		SHA1((const unsigned char *)password.at, password.len, key);
	else
		SHA256((const unsigned char *)password.at, password.len, key);
}

const char *
password_make_hmac(struct arena *a, const char *hash, struct span password)
{
	static const unsigned char pads[2] = { 0x5c, 0x36 };	/* outer first */
	unsigned char key[BLOCK], block[BLOCK], states[2 * 4 * MOST_WORDS];
	size_t len = 0;

	key_block(hash, password, key);
	for (size_t p = 0; p < 2; p++) {
		for (size_t i = 0; i < BLOCK; i++)
			block[i] = key[i] ^ pads[p];
		len += state_after(hash, block, states + len);
	}
	char *text = arena_bytes(a, 2 * len + 1);
	hex_encode(span_of(states, len), text);
	text[2 * len] = '\0';
	secret_wipe(key, sizeof(key));
	secret_wipe(block, sizeof(block));
	secret_wipe(states, sizeof(states));
	return text;
}
