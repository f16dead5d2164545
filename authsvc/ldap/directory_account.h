/*
 * directory_account - an entry of the directory as an account
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_ACCOUNT_H
#define AUTHSVC_LDAP_DIRECTORY_ACCOUNT_H

#include "authsvc/ldap/directory_entry.h"
#include "authsvc/ldap/directory_settings.h"

/* The attributes that make an account, passwords not among them. INVALID, logged, when they are too many. */
MUST_USE struct status directory_account_wish(const struct directory_settings *s, struct arena *a,
    struct directory_wish *out);

/* The account's name, of all that LDAP_MAIL has; "" when it has none. */
const char *directory_account_name(const struct directory_settings *s, const struct directory_entry *e);

/* AUTH_TROUBLE, logged, when something that every account needs is missing. */
enum auth_result directory_account_fill(const struct directory_settings *s, struct arena *a,
    const struct directory_entry *e, struct auth_account *out);

#endif
