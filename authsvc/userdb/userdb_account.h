/*
 * userdb_account - accounts added to the source and taken away, compiled at once
 *
 * The source is edited as userdb(8) does and compiled as makeuserdb(8) does. In a source that is a directory, new
 * accounts go to the file "users".
 */
#ifndef AUTHSVC_USERDB_USERDB_ACCOUNT_H
#define AUTHSVC_USERDB_USERDB_ACCOUNT_H

#include "authsvc/module.h"

/* INVALID: something in it cannot be in the file. `stored`: its password. */
MUST_USE struct status userdb_account_add(struct arena *a, const char *source, const struct auth_account *account,
    const char *stored);
/* `location`: "_" of the compiled record, the file in a directory. */
MUST_USE struct status userdb_account_remove(struct arena *a, const char *source, struct span name,
    struct span location);

/* The source file that an account of that location is in. */
const char *userdb_file_of(struct arena *a, const char *source, struct span location);

#endif
