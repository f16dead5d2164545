/*
 * userdb_place.c - which userdb the tools are about when nothing names one
 */
#include "tools/accounts/userdb_place.h"

#include <stdlib.h>

#include "authsvc/auth_config.h"
#include "authsvc/userdb/userdb_compile.h"
#include "service/service_settings.h"

const char *
userdb_place(struct arena *a)
{
	const char *named = getenv("USERDB");
	struct auth_config config;

	if (named && *named)
		return arena_strdup(a, named);
	struct status st = service_settings_of("authsvc", NULL, auth_options, a, &config);
	return status_ok(st) && config.userdb && *config.userdb ? config.userdb : USERDB_DEFAULT_SOURCE;
}
