/*
 * password - does this password belong to that stored hash?
 *
 * Stored forms: whatever crypt(3) knows ($1$ $2b$ $5$ $6$ $7$ $y$ ..., with or without {CRYPT} before it); {PLAIN} {CLEAR}
 * {CLEARTEXT}; digests, {MD5} {MD5RAW} {SHA} {SHA256} {SHA384} {SHA512} and, salted, {SMD5} {SSHA} {SSHA256} {SSHA384} {SSHA512};
 * {NT} (of ASCII passwords); {PBKDF2}, {PBKDF2-SHA256} and $pbkdf2...$; $argon2id$ and its sisters, with or without
 * {ARGON2ID}; SCRAM's stored keys (password_scram.h); phpass's $P$ and $H$; Django's pbkdf2_sha256$, bcrypt$ and argon2$; and
 * Dovecot's other names for these: {SHA512-CRYPT}, {BLF-CRYPT}, {PLAIN-MD5}, {CRAM-MD5} and so on. {MD5}$1$... is crypt(3)'s, as
 * in Dovecot. Digests are in base64 or, as their length tells, hexadecimal; {NAME.HEX} and {NAME.B64} say it of any
 * form. Scheme names ignore case.
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

/* "{ROT13}", "$99$": what a form calls itself, for the log; nothing of what follows. "" when it does not. Borrowed. */
struct span password_scheme_name(struct span stored);

/* Is checking this form meant to be slow? */
bool password_is_slow(struct span stored);

#endif
