/*
 * directory_account.c - an entry of the directory as an account
 */
#include "authsvc/ldap/directory_account.h"

#include "base/buf.h"
#include "base/log.h"

/* Cut one "attribute=option" off; false at the end. */
static bool
next_pair(struct span *rest, struct span *attribute, struct span *option)
{
	while (rest->at) {
		*option = span_trim(span_cut(rest, ','));
		*attribute = span_trim(span_cut(option, '='));
		*option = span_trim(*option);
		if (attribute->len && option->len)
			return true;
	}
	return false;
}

struct status
directory_account_wish(const struct directory_settings *s, struct arena *a, struct directory_wish *out)
{
	const char *const names[] = { s->mail, s->home, s->maildir, s->quota, s->full_name, s->store,
	    s->everyones_uid ? "" : s->uid, s->everyones_gid ? "" : s->gid };
	struct span rest = span_str(s->options), attribute, option;
	bool fits = true;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		fits = directory_wish_add(out, a, span_str(names[i])) && fits;
	while (next_pair(&rest, &attribute, &option))
		fits = directory_wish_add(out, a, attribute) && fits;
	if (fits)
		return STATUS_FINE;
	log_error("LDAP_AUXOPTIONS names too many attributes");
	return status_make(STATUS_INVALID, "Too many attributes");
}

/* The value of LDAP_MAIL that names the entry itself, if one does. */
static const char *
name_in_dn(const char *dn, const char *attribute, const struct span *values, size_t count)
{
	const char *found = NULL;
	LDAPDN parts = NULL;

	if (ldap_str2dn(dn, &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !parts)
		return NULL;
	for (size_t i = 0; parts[0] && parts[0][i] && !found; i++) {
		const LDAPAVA *ava = parts[0][i];
		struct span type = span_of(ava->la_attr.bv_val, ava->la_attr.bv_len);
		struct span value = span_of(ava->la_value.bv_val, ava->la_value.bv_len);
		for (size_t v = 0; v < count && !found && span_eq_nocase(type, span_str(attribute)); v++)
			if (span_eq_nocase(values[v], value))
				found = values[v].at;
	}
	ldap_dnfree(parts);
	return found;
}

/*
 * An attribute's values have no order: of several it is the one in the entry's own name, or else the first by the alphabet,
 * so that it is the same each time and from each replica.
 */
const char *
directory_account_name(const struct directory_settings *s, const struct directory_entry *e)
{
	const struct span *values;
	size_t count = directory_entry_values(e, s->mail, &values);
	const char *least = count ? values[0].at : "";

	const char *named = count > 1 ? name_in_dn(e->dn, s->mail, values, count) : NULL;
	if (named)
		return named;
	for (size_t i = 1; i < count; i++)
		if (strcmp(values[i].at, least) < 0)
			least = values[i].at;
	return least;
}

static bool
id_of(const struct directory_entry *e, bool everyones, uint32_t id_of_everyone, const char *attribute, uint32_t *out)
{
	uint64_t n = id_of_everyone;

	/* The last 32-bit number means "leave it" to chown(2) and its kin. */
	if (!everyones && !span_number(span_trim(span_str(directory_entry_text(e, attribute))), UINT32_MAX - 1, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

static const char *
home_of(const struct directory_settings *s, struct arena *a, const struct directory_entry *e)
{
	const char *home = directory_entry_text(e, s->home);

	if (!*s->mail_root || !*home)
		return home;
	const char *gap = span_ends(span_str(s->mail_root), SPAN_LIT("/")) ? "" : "/";
	return arena_printf(a, "%s%s%s", s->mail_root, gap, home + strspn(home, "/"));
}

/* "option=value" for every value of its attribute, the way DEFAULTOPTIONS is written. */
static const char *
options_of(const struct directory_settings *s, struct arena *a, const struct directory_entry *e)
{
	struct span rest = span_str(s->options), attribute, option;
	struct buf b;

	buf_init(&b, 0);
	while (next_pair(&rest, &attribute, &option)) {
		const struct span *values;
		size_t count = directory_entry_values(e, arena_strndup(a, attribute.at, attribute.len), &values);
		for (size_t i = 0; i < count; i++) {
			/* It would be read as another option. */
			if (span_index(values[i], ',') < values[i].len) {
				log_error("LDAP: %.*s of %s has a comma in it", (int)attribute.len, attribute.at, e->dn);
				continue;
			}
			buf_printf(&b, "%s%.*s=%s", b.len ? "," : "", (int)option.len, option.at, values[i].at);
		}
	}
	const char *made = b.len ? arena_strndup(a, b.at, b.len) : "";
	buf_release(&b);
	return made;
}

enum auth_result
directory_account_fill(const struct directory_settings *s, struct arena *a, const struct directory_entry *e,
    struct auth_account *out)
{
	struct auth_account account = {
		.name = directory_account_name(s, e), .home = home_of(s, a, e), .mail = directory_entry_text(e, s->maildir),
		.quota = directory_entry_text(e, s->quota), .options = options_of(s, a, e),
		.full_name = directory_entry_text(e, s->full_name), .store = directory_entry_text(e, s->store),
	};

	if (!*account.name) {
		log_error("LDAP: %s has no %s", e->dn, s->mail);
		return AUTH_TROUBLE;
	}
	if (!id_of(e, s->everyones_uid, s->uid_of_everyone, s->uid, &account.uid) ||
	    !id_of(e, s->everyones_gid, s->gid_of_everyone, s->gid, &account.gid) || account.home[0] != '/') {
		log_error("LDAP: %s needs a uid, a gid and an absolute home", e->dn);
		return AUTH_TROUBLE;
	}
	*out = account;
	return AUTH_OK;
}
