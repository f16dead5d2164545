/*
 * directory - an LDAP directory that many threads ask
 *
 * Two pools of connections: one is bound as LDAP_BINDDN and looks things up, the other is bound as whoever
 * is logging in. AUTH_TROUBLE has been logged; AUTH_REJECTED means "not there" or "not the password".
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_H
#define AUTHSVC_LDAP_DIRECTORY_H

#include "authsvc/ldap/directory_entry.h"
#include "authsvc/ldap/directory_settings.h"

struct directory;

/* `settings` are borrowed. */
struct directory *directory_new(const struct directory_settings *settings);
void directory_free(struct directory **d);

/* The one entry that the filter fits; two are trouble. */
enum auth_result directory_find(struct directory *d, struct arena *a, const char *base, const char *filter,
    const struct directory_wish *wish, struct directory_entry *out);

/* Is that the password of the entry? */
enum auth_result directory_bind(struct directory *d, const char *dn, struct span password);

/* The entry's owner changes the password, and the server decides how to store it. */
enum auth_result directory_change_own(struct directory *d, const char *dn, const struct auth_change *change);

struct directory_value {
	const char *attribute;	/* NULL ends them */
	struct span value;
};

/* LDAP_BINDDN gives the attributes these values, in place of all they had. */
enum auth_result directory_replace(struct directory *d, const char *dn, const struct directory_value *values);

/* False ends it. The entry lives until it returns. */
typedef bool directory_each_fn(void *arg, struct arena *a, const struct directory_entry *e);

/* Every entry below LDAP_BASEDN that the filter fits. */
enum auth_result directory_each(struct directory *d, const char *filter, const struct directory_wish *wish,
    directory_each_fn *each, void *arg);

#endif
