/*
 * account_secrets - what is stored of an account's passwords, gathered by a module
 *
 *	struct auth_secrets list = { .count = 0 };
 *	account_secrets_add(a, &list, "", stored);
 *	...
 *	account_secrets_wipe(&list);
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_SECRETS_H
#define AUTHSVC_ACCOUNT_ACCOUNT_SECRETS_H

#include "authsvc/module.h"

/* `name` is borrowed; of `stored` a copy is made in the arena. An empty one is nobody's and left out. */
void account_secrets_add(struct arena *a, struct auth_secrets *list, const char *name, struct span stored);
void account_secrets_wipe(const struct auth_secrets *list);

/* enum auth_offers: what an account can prove itself by when this is stored for it. */
unsigned account_secret_offers(struct span stored);

#endif
