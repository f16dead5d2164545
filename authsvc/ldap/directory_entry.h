/*
 * directory_entry - what a directory says of one thing, as values in an arena
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_ENTRY_H
#define AUTHSVC_LDAP_DIRECTORY_ENTRY_H

#include <ldap.h>

#include "base/arena.h"
#include "base/status.h"

#define DIRECTORY_ATTRIBUTES 32		/* asked for at once, at most */

/* The attributes to ask for; each once, "" not at all. */
struct directory_wish {
	char *names[DIRECTORY_ATTRIBUTES + 1];	/* NULL-terminated */
	size_t count;
};

struct directory_entry {
	const char *dn;
	const struct directory_wish *wish;	/* borrowed */
	struct {
		struct span *at;		/* each terminated */
		size_t count;
	} values[DIRECTORY_ATTRIBUTES];		/* parallel to wish->names */
};

/* False when there are too many. */
MUST_USE bool directory_wish_add(struct directory_wish *w, struct arena *a, struct span name);

/* False, and logged, for an answer that cannot be read. */
MUST_USE bool directory_entry_read(LDAP *ldap, LDAPMessage *from, struct arena *a, const struct directory_wish *w,
    struct directory_entry *out);

/* An attribute's values in the directory's order; `name` "" or not asked for: none. */
size_t directory_entry_values(const struct directory_entry *e, const char *name, const struct span **out);
/* The first, or "". */
const char *directory_entry_text(const struct directory_entry *e, const char *name);

/* An attribute's values were secrets. */
void directory_entry_wipe(const struct directory_entry *e, const char *name);

#endif
