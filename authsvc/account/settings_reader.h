/*
 * settings_reader - a module's settings, checked when it is opened
 *
 *	struct settings_reader r = { a, host, .bad = false };
 *	s->connections = settings_number(&r, "LDAP_CONNECTIONS", 1, 1024);
 *	s->base = settings_needed(&r, "LDAP_BASEDN");
 *	return r.bad ? status_make(STATUS_INVALID, "A setting of LDAP's is wrong") : STATUS_FINE;
 *
 * What is wrong is logged with the setting's name, all of it, and remembered as `bad`.
 */
#ifndef AUTHSVC_ACCOUNT_SETTINGS_READER_H
#define AUTHSVC_ACCOUNT_SETTINGS_READER_H

#include "authsvc/module.h"

struct settings_reader {
	struct arena *a;		/* texts live in it */
	const struct auth_host *host;
	bool bad;
};

/* "" when it is not set. */
const char *settings_text(const struct settings_reader *r, const char *name);
const char *settings_needed(struct settings_reader *r, const char *name);
uint64_t settings_number(struct settings_reader *r, const char *name, uint64_t least, uint64_t most);
/* 1 and yes, 0, no and nothing at all. */
bool settings_yes(struct settings_reader *r, const char *name);
void settings_complain(struct settings_reader *r, const char *name, const char *what);

#endif
