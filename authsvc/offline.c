/*
 * offline.c - the account sources as authsvc has them, in a program that is run by hand
 */
#include "authsvc/offline.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "authsvc/account/account_name.h"
#include "authsvc/sources.h"
#include "base/mem.h"
#include "service/service_settings.h"

struct offline {
	struct arena arena;		/* of the settings */
	struct auth_config config;
	struct auth_sources sources;
};

struct offline *
offline_open(const char *program, const char *file, const char *modules)
{
	struct offline *o = MEM_NEW(struct offline);

	arena_init(&o->arena, 0);
	struct status st = service_settings_of("authsvc", file, auth_options, &o->arena, &o->config);
	if (!status_ok(st)) {
		fprintf(stderr, "%s: %s\n", program, st.text);
		exit(EX_CONFIG);
	}
	if (modules)
		o->config.modules = arena_strdup(&o->arena, modules);
	if (!status_ok(auth_sources_open(&o->sources, &o->config)))
		exit(EX_CONFIG);	/* the log says what is wrong */
	return o;
}

void
offline_close(struct offline **o)
{
	auth_sources_close(&(*o)->sources);
	arena_release(&(*o)->arena);
	free(*o);
	*o = NULL;
}

struct auth_chain *
offline_chain(struct offline *o)
{
	return o->sources.chain;
}

const struct auth_config *
offline_config(const struct offline *o)
{
	return &o->config;
}

bool
offline_ask(const struct offline *o, struct arena *a, const char *given, struct auth_query *q)
{
	struct account_rules names = { o->config.default_domain, o->config.letters };

	return account_name_ask(a, &names, span_str(given), q);
}
