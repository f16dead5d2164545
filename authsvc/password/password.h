/*
 * password - does this password belong to that stored hash?
 *
 * Stored forms: whatever crypt(3) knows ($1$ $2b$ $5$ $6$ $y$ ..., with or
 * without {CRYPT} before it), and {PLAIN} {CLEAR} {CLEARTEXT}, {MD5} {MD5RAW} {SHA} {SSHA}
 * {SHA256} {SSHA256} {SHA512} {SSHA512}, {PBKDF2} and $pbkdf2...$, $argon2id$ and its sisters, with or without
 * {ARGON2ID}, and SCRAM's stored keys (password_scram.h); and Dovecot's other names for these: {SHA512-CRYPT},
 * {BLF-CRYPT}, {PLAIN-MD5}, {SMD5}, {CRAM-MD5} and so on. Scheme names ignore case.
 * An empty stored form and one that begins with "*" or "!" fit no password. The empty password fits no stored form,
 * neither an empty {PLAIN} nor the hash of nothing.
 *
 * Comparing takes the same time wherever two hashes differ.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_H
#define AUTHSVC_PASSWORD_PASSWORD_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/* Longer passwords are wrong without being hashed (hashing costs by the byte), as are those with a NUL. */
#define PASSWORD_LONGEST 1024

enum password_verdict {
	PASSWORD_RIGHT,
	PASSWORD_WRONG,
	PASSWORD_UNREADABLE,	/* the stored form is nothing we know */
};

MUST_USE enum password_verdict password_check(struct span stored, struct span given);

/* Without {CRYPT} and what else says no more than crypt(3) sees itself; other forms as they are. */
struct span password_bare(struct span stored);

/* Empty, "*", "!..." or "x": what passwd(5) says of accounts that no password fits. */
bool password_is_locked(struct span stored);

/* Is checking this form meant to be slow? */
bool password_is_slow(struct span stored);

#endif
