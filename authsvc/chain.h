/*
 * chain - the modules of AUTH_MODULES, asked one after the other
 *
 * An account that no module knows costs as much time as one whose password is
 * wrong, so that the clock does not tell strangers who has an account here.
 */
#ifndef AUTHSVC_CHAIN_H
#define AUTHSVC_CHAIN_H

#include "authsvc/module.h"

struct auth_chain;

/*
 * `names`: separated by blanks or commas. `host` is borrowed. `usual_hash`: a stored form of the scheme that
 * most accounts have, which stands in for those that do not exist. INVALID for unknown names.
 */
MUST_USE struct status auth_chain_open(const char *names, const struct auth_host *host,
    const char *usual_hash, struct auth_chain **out);
void auth_chain_free(struct auth_chain **c);

enum auth_result auth_chain_verify(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct span password, struct auth_account *out);
enum auth_result auth_chain_lookup(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct auth_account *out);

/* What some module waits for, or NULL. */
const char *auth_chain_missing(struct auth_chain *c);
void auth_chain_reload(struct auth_chain *c);

#endif
