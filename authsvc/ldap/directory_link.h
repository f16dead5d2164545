/*
 * directory_link - one connection to a directory
 *
 * Used by one thread at a time. Everything ends at a deadline (clock_mono_ms), and what goes wrong is
 * logged here. Referrals are not followed: passwords go to the servers that LDAP_URI names and nowhere else.
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_LINK_H
#define AUTHSVC_LDAP_DIRECTORY_LINK_H

#include <ldap.h>

#include "authsvc/ldap/directory_settings.h"

enum link_result {
	LINK_DONE,
	LINK_NO,		/* not the password; nothing found       */
	LINK_REFUSED,		/* the server does not do what was asked */
	LINK_LOST,		/* this connection is of no more use     */
};

struct link_search {
	const char *base, *filter;
	char **attributes;	/* NULL-terminated */
	int most;		/* entries; 0: no limit but the server's own */
};

/* One page of what was found. */
struct link_page {
	LDAPMessage *entries;	/* for ldap_first_entry; ldap_msgfree'd by the caller, NULL allowed */
	struct berval *cookie;	/* where the next page begins; NULL: there is none. ber_bvfree      */
};

struct directory_link;

/* Connected, with TLS if the settings say so. NULL: not now. */
struct directory_link *directory_link_open(const struct directory_settings *s, int64_t deadline);
void directory_link_close(struct directory_link *link);

/* It has answered a question: when it is found closed later on, that is no error. */
void directory_link_answered(struct directory_link *link);

/* To read answers with. */
LDAP *directory_link_handle(struct directory_link *link);

/*
 * A password of no bytes is LINK_NO without asking: servers take such a bind for an anonymous one, and
 * call it a success.
 */
enum link_result directory_link_bind(struct directory_link *link, const char *dn, struct span password, int64_t deadline);

/* All at once. */
enum link_result directory_link_search(struct directory_link *link, const struct link_search *search, int64_t deadline,
    LDAPMessage **out_entries);
/* In pages: page->cookie is NULL at first, and again after the last. */
enum link_result directory_link_page(struct directory_link *link, const struct link_search *search, int64_t deadline,
    struct link_page *page);

/* Whoever the connection is bound as gets a new password, stored as the server likes (RFC 3062). */
enum link_result directory_link_new_password(struct directory_link *link, struct span old_password, struct span new_password,
    int64_t deadline);
/* `values` replace all that the attributes had. */
enum link_result directory_link_modify(struct directory_link *link, const char *dn, LDAPMod **changes, int64_t deadline);

#endif
