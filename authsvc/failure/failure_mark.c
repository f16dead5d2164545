/*
 * failure_mark.c - how a wrong password is remembered
 */
#include "authsvc/failure/failure_mark.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/panic.h"
#include "base/secret.h"

struct failure_mark
failure_mark_make(const unsigned char *key, size_t key_len, const char *account, struct span network,
    struct span password)
{
	/* Lengths go in as well, so that no two triples look the same. */
	uint64_t lens[2] = { strlen(account), network.len };
	struct failure_mark mark = { .text = "wrong:" };
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf b;

	buf_init(&b, 0);
	buf_reserve(&b, sizeof(lens) + lens[0] + network.len + password.len);	/* so nothing moves */
	buf_add(&b, lens, sizeof(lens));
	buf_str(&b, account);
	buf_span(&b, network);
	buf_span(&b, password);
	assert_that(HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)b.at, b.len, digest, NULL) != NULL);
	secret_wipe(b.at, b.len);
	buf_release(&b);
	hex_encode(span_of(digest, (sizeof(mark.text) - 6) / 2), mark.text + 6);
	return mark;
}
