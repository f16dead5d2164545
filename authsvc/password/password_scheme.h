/*
 * password_scheme - how the ways of storing a password divide the work
 *
 * Each takes what follows its prefix and answers; password.c holds the table.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_SCHEME_H
#define AUTHSVC_PASSWORD_PASSWORD_SCHEME_H

#include <openssl/evp.h>

#include "authsvc/password/password.h"

enum digest_form {
	DIGEST_BARE,		/* digest(password), in base64 or hexadecimal: their lengths differ */
	DIGEST_SALTED,		/* base64(digest(password then salt) then salt) */
};

enum password_verdict password_check_digest(const EVP_MD *md, enum digest_form form,
    struct span rest, struct span given);

/* `stored` with its "$...$" prefix, as crypt(3) has it. */
enum password_verdict password_check_crypt(struct span stored, struct span given);

/* NT's: what follows is 32 hexadecimal digits. */
enum password_verdict password_check_nt(struct span rest, struct span given);
/* phpass's, after "$P$" or "$H$". */
enum password_verdict password_check_phpass(struct span rest, struct span given);

/* Dovecot's "$1$salt$rounds$hex", SHA-1. */
enum password_verdict password_check_pbkdf2_hex(struct span rest, struct span given);
/* These two read their forms whole, prefix and all. */
enum password_verdict password_check_scram(struct span stored, struct span given);
enum password_verdict password_check_argon2(struct span stored, struct span given);

/* passlib's "rounds$salt$checksum", both in its own base64. */
enum password_verdict password_check_pbkdf2(const EVP_MD *md, struct span rest, struct span given);

/* Django's "rounds$salt$base64", the salt as it is. */
enum password_verdict password_check_django(const EVP_MD *md, struct span rest, struct span given);

#endif
