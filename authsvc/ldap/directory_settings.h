/*
 * directory_settings - what the LDAP_* settings say, checked once
 *
 * Names of attributes are "" when the directory has none for the purpose.
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_SETTINGS_H
#define AUTHSVC_LDAP_DIRECTORY_SETTINGS_H

#include "authsvc/module.h"

struct directory_settings {
	/* The server and how to talk to it. */
	const char **uris;		/* tried in order */
	size_t uri_count;
	const char *bind_dn, *bind_password;
	int64_t timeout_ms;
	size_t connections;
	int deref;			/* LDAP_DEREF_... */
	bool start_tls;
	int require_certificate;	/* LDAP_OPT_X_TLS_... */
	const char *ca_file, *ca_dir, *certificate, *key, *ciphers;

	/* Where accounts are. */
	const char *base, *filter, *enumerate_filter, *domain;
	const char *map_filter, *map_base, *map_attribute, *map_mail;

	/* What an entry says. */
	bool check_by_binding;
	const char *mail, *home, *mail_root, *maildir, *quota, *full_name, *store;
	const char *uid, *gid;
	const char *crypt_password, *clear_password;
	const char *options;		/* "attribute=option,..." */
	bool everyones_uid, everyones_gid;
	uint32_t uid_of_everyone, gid_of_everyone;
};

/* In the arena. INVALID, and the log says which setting is wrong. */
MUST_USE struct status directory_settings_read(struct arena *a, const struct auth_host *host,
    struct directory_settings *out);

#endif
