/*
 * account_name - how the names that clients give are spelled
 *
 * A login without "@" gets the default domain, when there is one. Domains are lower case (RFC 5321, 2.4: they
 * ignore it); what is before the "@" stays as it was written, for two accounts may differ in nothing else, unless
 * ACCOUNT_CASE says that none do.
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_NAME_H
#define AUTHSVC_ACCOUNT_ACCOUNT_NAME_H

#include "authsvc/module.h"

#define ACCOUNT_NAME_LONGEST 255

enum account_case { ACCOUNT_CASE_KEEP, ACCOUNT_CASE_LOWER };

struct account_rules {
	const char *domain;		/* with or without its "@"; "" for none */
	int letters;			/* enum account_case */
};

/*
 * The name as it is looked up. False for what cannot be anybody's name: empty, too long, not UTF-8, or with control
 * characters in it.
 */
bool account_name(struct arena *a, const struct account_rules *rules, struct span given, const char **out);

/* The same as a question: its account, and what else is asked for when nobody knows that. */
bool account_name_ask(struct arena *a, const struct account_rules *rules, struct span given, struct auth_query *q);

/* What a source calls an account, with the default domain if it has none. False as above. */
bool account_name_whole(struct arena *a, const char *domain, const char *own, const char **out);

/* Equal, but for the case of their domains? */
bool account_name_same(const char *a, const char *b);

#endif
