/*
 * service_settings - the settings every service has, and which of all may change while it runs
 */
#ifndef SERVICE_SERVICE_SETTINGS_H
#define SERVICE_SERVICE_SETTINGS_H

#include "service/options.h"

struct common_config {
	char *listen;
	char *http_listen;
	int log_level;			/* enum log_level  */
	int log_format;			/* enum log_format */
	int64_t workers;
	int64_t drain_ms;
	char *tls_cert, *tls_key, *tls_ca;
	char *roles;
	bool trust_tcp;
	int64_t connections;		/* of one peer */
	char *admin_public_keys;
};

/* Where a service's settings come from; borrowed, for as long as it runs. */
struct service_settings {
	const char *name;			/* "storesvc" */
	int argc;
	char **argv;
	const struct option_def *own;		/* NULL: none */
};

/* Both structs are filled, strings in the arena. Exits for everything but running, and when settings are wrong. */
void service_settings_load(const struct service_settings *s, struct arena *a, struct common_config *common,
    void *own);

/*
 * What the service called `name` would run with, for programs beside it: `file`, or its usual one when NULL, and the
 * environment. INVALID: the text, in the arena, says what is wrong where.
 */
MUST_USE struct status service_settings_of(const char *name, const char *file, const struct option_def *own,
    struct arena *a, void *out_own);

/* LOG_LEVEL and LOG_FORMAT as they stand now; the log says so when they cannot be read. */
void service_settings_reload(const struct service_settings *s);

#endif
