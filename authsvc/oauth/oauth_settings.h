/*
 * oauth_settings - what the OAUTH_* settings say, checked once
 */
#ifndef AUTHSVC_OAUTH_OAUTH_SETTINGS_H
#define AUTHSVC_OAUTH_OAUTH_SETTINGS_H

#include "authsvc/account/account_name.h"

/* What a token must say to be good here. Lists are separated by blanks. */
struct oauth_rules {
	const char *issuer, *audiences, *scopes;	/* "": not looked at */
	const char *username;		/* the claim that names the account */
	int64_t leeway_s;		/* between the clocks */
};

struct oauth_settings {
	struct oauth_rules rules;
	const char *algorithms;
	const char *jwks;		/* a file's path or a URL; "": no JWTs */
	const char *introspection;	/* a URL; "": none */
	const char *client, *client_secret;
	const char *ca_file;
	int64_t timeout_ms, refresh_ms, pause_ms, memory_ms;
	size_t connections;

	struct account_rules names;
	/* What every account has; home "" when other modules know. */
	const char *home, *maildir;
	uint32_t uid, gid;
};

/* In the arena. INVALID, and the log says which setting is wrong. */
MUST_USE struct status oauth_settings_read(struct arena *a, const struct auth_host *host, struct oauth_settings *out);

#endif
