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
};

#endif
