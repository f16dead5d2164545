/*
 * chain_inside - the chain as its own files see it
 */
#ifndef AUTHSVC_CHAIN_INSIDE_H
#define AUTHSVC_CHAIN_INSIDE_H

#include "authsvc/chain.h"

#define CHAIN_LONGEST 16	/* modules in one chain */

struct auth_chain {
	const struct auth_module *module[CHAIN_LONGEST];
	void *state[CHAIN_LONGEST];
	size_t count;
	char *usual_hash, *default_options;
	char *domain;			/* DEFAULT_DOMAIN in lower case, without its "@" */
};

/* auth_chain_lookup, which also tells where the account is: an index of `module`. The query has the spelling that leads to it. */
enum auth_result chain_look_up(struct auth_chain *c, struct arena *a, struct auth_query *q, struct auth_account *out,
    size_t *out_at);

/*
 * The spellings of a name that modules are asked for, while none of them knows it: with its domain in lower case, as it
 * was typed, and without the DEFAULT_DOMAIN, for sources that leave it out.
 */
struct chain_names {
	const char *at[3];		/* [0] as the query had it */
	size_t count;
	const char *bare;		/* the one of them without a domain; NULL: none is */
};

struct chain_names chain_names_of(const struct auth_chain *c, struct arena *a, const struct auth_query *q);
/* May the module be asked for the account of that query? */
bool chain_names_asks(const struct chain_names *names, const struct auth_query *q, const struct auth_module *m);
/*
 * After a module's answer: the account's name and the query's `known` with their domain, the account's own if there is
 * one. AUTH_TROUBLE, logged, for one that can be nobody's.
 */
enum auth_result chain_names_settle(const struct auth_chain *c, struct arena *a, const struct auth_module *m,
    struct auth_query *q, enum auth_result result, struct auth_account *out);

#endif
