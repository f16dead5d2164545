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

/* `name`: what was asked for, "" in a list. AUTH_TROUBLE, logged, when something that every account needs is missing. */
enum auth_result directory_account_fill(const struct directory_settings *s, struct arena *a, const char *name,
    const struct directory_entry *e, struct auth_account *out);

#endif
