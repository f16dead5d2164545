/*
 * oauth_account - the account that a token's name stands for
 */
#ifndef AUTHSVC_OAUTH_OAUTH_ACCOUNT_H
#define AUTHSVC_OAUTH_OAUTH_ACCOUNT_H

#include "authsvc/oauth/oauth_settings.h"

/* `template` with $(account), $(local_part) and $(domain) replaced; false for a name that would lead elsewhere. */
MUST_USE bool oauth_account_path(struct arena *a, const char *template, const char *account, const char **out);

/*
 * With OAUTH_HOME as the settings have it; otherwise a name without a home, which other modules know. AUTH_REJECTED for
 * a name that cannot have one.
 */
enum auth_result oauth_account_fill(const struct oauth_settings *s, struct arena *a, const char *name,
    struct auth_account *out);

#endif
