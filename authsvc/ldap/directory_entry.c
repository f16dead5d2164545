/*
 * directory_entry.c - what a directory says of one thing, as values in an arena
 */
#include "authsvc/ldap/directory_entry.h"

#include "base/log.h"
#include "base/secret.h"

/* Names of attributes ignore case. */
static size_t
find(const struct directory_wish *w, struct span name)
{
	size_t i = 0;

	while (i < w->count && !span_eq_nocase(span_str(w->names[i]), name))
		i++;
	return i;
}

bool
directory_wish_add(struct directory_wish *w, struct arena *a, struct span name)
{
	if (!name.len || find(w, name) < w->count)
		return true;
	if (w->count == DIRECTORY_ATTRIBUTES)
		return false;
	w->names[w->count++] = arena_strndup(a, name.at, name.len);
	return true;
}

bool
directory_entry_read(LDAP *ldap, LDAPMessage *from, struct arena *a, const struct directory_wish *w,
    struct directory_entry *out)
{
	char *dn = ldap_get_dn(ldap, from);

	if (!dn) {
		log_error("LDAP: an entry has no name");
		return false;
	}
	*out = (struct directory_entry){ .dn = arena_strdup(a, dn), .wish = w };
	ldap_memfree(dn);
	for (size_t i = 0; i < w->count; i++) {
		struct berval **values = ldap_get_values_len(ldap, from, w->names[i]);
		int count = ldap_count_values_len(values);
		out->values[i].at = ARENA_ARRAY(a, (size_t)count + 1, struct span);
		out->values[i].count = (size_t)count;
		for (int v = 0; v < count; v++)
			out->values[i].at[v] = span_of(arena_strndup(a, values[v]->bv_val, values[v]->bv_len),
			    values[v]->bv_len);
		ldap_value_free_len(values);
	}
	return true;
}

size_t
directory_entry_values(const struct directory_entry *e, const char *name, const struct span **out)
{
	size_t i = find(e->wish, span_str(name));

	if (i == e->wish->count)
		return 0;
	*out = e->values[i].at;
	return e->values[i].count;
}

const char *
directory_entry_text(const struct directory_entry *e, const char *name)
{
	const struct span *values;

	return directory_entry_values(e, name, &values) ? values[0].at : "";
}

void
directory_entry_wipe(const struct directory_entry *e, const char *name)
{
	const struct span *values;
	size_t count = directory_entry_values(e, name, &values);

	for (size_t i = 0; i < count; i++)
		secret_wipe((char *)values[i].at, values[i].len);
}
