/*
 * account_check - stored passwords against the one that was given, as a module answers
 *
 * AUTH_TROUBLE, logged, when none fits and the account's own cannot be read; the log names its scheme. Notes in the query that work was
 * done, and which application password it was.
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_CHECK_H
#define AUTHSVC_ACCOUNT_ACCOUNT_CHECK_H

#include "authsvc/module.h"

enum auth_result account_check(struct password_cache *c, const char *module, struct auth_query *q,
    struct span stored, struct span password);

/* Any of them will do; what serves challenges only is passed over. */
enum auth_result account_check_all(struct password_cache *c, const char *module, struct auth_query *q,
    const struct auth_secrets *list, struct span password);

#endif
