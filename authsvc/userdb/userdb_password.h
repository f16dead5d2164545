/*
 * userdb_password - a new password for an account in the source, compiled at once
 *
 * It replaces whatever proves the old one to the service: SERVICEpw, or systempw where the account has
 * no such field, in the scheme the field had; and the states of hashes that CRAM uses, for otherwise
 * the old password went on being good there. Other services keep what is theirs alone.
 */
#ifndef AUTHSVC_USERDB_USERDB_PASSWORD_H
#define AUTHSVC_USERDB_USERDB_PASSWORD_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

struct userdb_new_password {
	const char *source;		/* what makeuserdb compiles                            */
	struct span name;
	struct span location;		/* "_" of the compiled record: the file in a directory */
	const char *service;
	const char *usual_scheme;	/* where the old value's cannot be made                */
	struct span password;
};

/* NOT_FOUND: the source has no such account (any more); INVALID: this password cannot be stored. */
MUST_USE struct status userdb_password_set(struct arena *a, const struct userdb_new_password *n);

#endif
