/*
 * auth_config - the settings of authsvc
 */
#ifndef AUTHSVC_AUTH_CONFIG_H
#define AUTHSVC_AUTH_CONFIG_H

#include "authsvc/modules/module_settings.h"
#include "service/options.h"

#define NUMBER(name, fallback, help) MODULE_SETTING_##name,
enum module_setting { MODULE_SETTINGS(NUMBER) MODULE_SETTING_COUNT };
#undef NUMBER

enum mailhost { MAILHOST_IGNORE, MAILHOST_STORE };

struct auth_config {
	char *run_as;
	char *modules, *module_dir, *userdb, *pam_service, *pam_confdir;
	char *default_domain, *default_store, *default_options, *maildirpath;
	char *authdaemon_socket;
	char *ticket_key, *ticket_old_keys, *redis_url, *password_scheme;
	char *mechanisms, *gssapi_keytab, *gssapi_hostname, *gssapi_realm, *oauth_configuration;
	int64_t scram_iterations;
	bool password_upgrade, external;
	int mailhost;			/* enum mailhost */
	int letters;			/* enum account_case */
	int64_t ticket_lifetime, fail_delay, refusal_step, pam_timeout, password_memory;	/* milliseconds */
	char *module_settings[MODULE_SETTING_COUNT];
};

extern const struct option_def auth_options[];

#endif
