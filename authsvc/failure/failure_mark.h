/*
 * failure_mark - how a wrong password is remembered
 *
 * Half of an HMAC-SHA256, under a key that is kept elsewhere, of account, network and password together: who reads the
 * marks can try no guesses on them, and the same password of two accounts leaves two marks.
 */
#ifndef AUTHSVC_FAILURE_FAILURE_MARK_H
#define AUTHSVC_FAILURE_FAILURE_MARK_H

#include "base/span.h"

struct failure_mark {
	char text[6 + 32];	/* "wrong:" and hexadecimal, not terminated */
};

struct failure_mark failure_mark_make(const unsigned char *key, size_t key_len, const char *account,
    struct span network, struct span password);

#endif
