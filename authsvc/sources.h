/*
 * sources - the modules of AUTH_MODULES, opened as the settings say
 *
 * authsvc has one; so have tools that ask the modules themselves. The struct stays where it is once it is
 * open: modules find their settings through it.
 */
#ifndef AUTHSVC_SOURCES_H
#define AUTHSVC_SOURCES_H

#include "authsvc/auth_config.h"
#include "authsvc/chain.h"
#include "authsvc/password/password_cache.h"

struct auth_sources {
	const struct auth_config *config;
	struct arena arena;
	const char **setting_texts;		/* for the modules; parallel to auth_options */
	struct password_cache *passwords;
	struct auth_host host;
	struct auth_chain *chain;
};

/* `config` is borrowed. Trouble is logged. On failure there is nothing to close. */
MUST_USE struct status auth_sources_open(struct auth_sources *s, const struct auth_config *config);
/* Nothing happens to one that is all zero. */
void auth_sources_close(struct auth_sources *s);

#endif
