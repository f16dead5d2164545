/*
 * chain - the modules of AUTH_MODULES, asked one after the other
 *
 * However a name is typed, the account that is found has the name that its source has for it, with the DEFAULT_DOMAIN
 * if it has none; q->account is afterwards the spelling that led there, and q->known that name, also when the proof
 * failed. While no module knows an account, other spellings of its name are asked for (chain_inside.h).
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
/* The same with a module that is part of the program. */
MUST_USE struct status auth_chain_open_one(const struct auth_module *module, const struct auth_host *host,
    const char *usual_hash, struct auth_chain **out);
void auth_chain_free(struct auth_chain **c);

/* The empty password is wrong without asking anybody. */
enum auth_result auth_chain_verify(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct span password, struct auth_account *out);
enum auth_result auth_chain_lookup(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct auth_account *out);
/*
 * An account of exactly that name, as one was once issued with: whose name it was when it was typed does not count.
 * `unlocked`: not one whose password is locked.
 */
enum auth_result auth_chain_lookup_own(struct auth_chain *c, struct arena *a, struct auth_query *q, bool unlocked,
    struct auth_account *out);
/* The same of one module, "userdb" or, as Courier has it, "authuserdb"; of all when it is ".". */
enum auth_result auth_chain_lookup_in(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct span module, struct auth_account *out);

/*
 * The module that accepts the old password gets the new one. AUTH_REJECTED: nobody accepts it, who does
 * cannot change passwords, it is an application password, which is good for no other, or one of the two is empty.
 */
enum auth_result auth_chain_change(struct auth_chain *c, struct arena *a, struct auth_query *q,
    const struct auth_change *change);

/*
 * Every account of every module that can list its own, in order; `begin`, if any, hears whose come next.
 * AUTH_TROUBLE: some are missing. AUTH_OK also when `each` ended it.
 */
typedef void auth_begin_fn(void *arg, const char *module);
enum auth_result auth_chain_enumerate(struct auth_chain *c, struct arena *a, auth_begin_fn *begin,
    auth_each_fn *each, void *arg);

/*
 * For operators (chain_operator.c). auth_chain_find is a look-up that also tells which module knows the account; the
 * others go to that module, whatever the account could prove. AUTH_REJECTED: no such account, or its module
 * cannot do that.
 */
enum auth_result auth_chain_find(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct auth_account *out, const char **out_module);
enum auth_result auth_chain_set_password(struct auth_chain *c, struct arena *a, struct auth_query *q,
    struct span password);
enum auth_result auth_chain_remove(struct auth_chain *c, struct arena *a, struct auth_query *q);
/* By the module of that name, or by the first one that can. */
enum auth_result auth_chain_create(struct auth_chain *c, struct arena *a, const char *module,
    const struct auth_account *account, const char *stored);

/* What can be proved to the modules together: enum auth_offers, added up. */
unsigned auth_chain_offers(struct auth_chain *c);
/*
 * Every module that tells its secrets is asked in turn, until `proves` finds that one of them is what the client has shown, and
 * names an application password in the query: that is AUTH_OK, with the account. The secrets are wiped when it returns.
 */
typedef bool auth_proves_fn(void *arg, const struct auth_account *account, const struct auth_secrets *secrets);
enum auth_result auth_chain_secrets(struct auth_chain *c, struct arena *a, struct auth_query *q,
    auth_proves_fn *proves, void *arg, struct auth_account *out);
/* Whose token is that? An account that its module knows by name only is looked up in all of them. */
enum auth_result auth_chain_token(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span token,
    struct auth_account *out);

/* What some module waits for, or NULL. */
const char *auth_chain_missing(struct auth_chain *c);
void auth_chain_reload(struct auth_chain *c);

#endif
