/*
 * account_check - a stored password against the one that was given, as a module answers
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_CHECK_H
#define AUTHSVC_ACCOUNT_ACCOUNT_CHECK_H

#include "authsvc/module.h"

/* AUTH_TROUBLE, logged, when the stored form is of no known kind. Notes in the query that work was done. */
enum auth_result account_check(struct password_cache *c, const char *module, struct auth_query *q,
    struct span stored, struct span password);

#endif
