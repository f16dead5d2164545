/*
 * directory_settings.c - what the LDAP_* settings say, checked once
 */
#include "authsvc/ldap/directory_settings.h"

#include <grp.h>
#include <ldap.h>
#include <pwd.h>
#include <stddef.h>

#include "authsvc/account/settings_reader.h"

#define LONGEST_ENTRY 16384	/* of passwd(5) or group(5) */

struct word {
	const char *word;
	int meaning;
};

static const struct word derefs[] = {
	{ "never", LDAP_DEREF_NEVER }, { "searching", LDAP_DEREF_SEARCHING },
	{ "finding", LDAP_DEREF_FINDING }, { "always", LDAP_DEREF_ALWAYS }, { NULL, LDAP_DEREF_NEVER },
};

static const struct word require_certificate[] = {
	{ "never", LDAP_OPT_X_TLS_NEVER }, { "allow", LDAP_OPT_X_TLS_ALLOW }, { "try", LDAP_OPT_X_TLS_TRY },
	{ "demand", LDAP_OPT_X_TLS_DEMAND }, { "hard", LDAP_OPT_X_TLS_HARD }, { NULL, LDAP_OPT_X_TLS_DEMAND },
};

static int
one_of(struct settings_reader *r, const char *name, const struct word *words)
{
	const char *value = settings_text(r, name);

	for (; words->word; words++)
		if (span_eq_nocase(span_str(value), span_str(words->word)))
			return words->meaning;
	settings_complain(r, name, "has a value that is not known");
	return words->meaning;
}

/* A number, or the name of a user; the last 32-bit number means "leave it" to chown(2) and its kin. */
static bool
everyones_uid(struct settings_reader *r, uint32_t *out)
{
	const char *value = settings_text(r, "LDAP_GLOB_UID");
	char *room = arena_bytes(r->a, LONGEST_ENTRY);
	struct passwd entry, *found = NULL;
	uint64_t n;

	if (!*value)
		return false;
	if (span_number(span_str(value), UINT32_MAX - 1, &n))
		*out = (uint32_t)n;
	else if (getpwnam_r(value, &entry, room, LONGEST_ENTRY, &found) == 0 && found)
		*out = found->pw_uid;
	else
		settings_complain(r, "LDAP_GLOB_UID", "is no number and no user's name");
	return true;
}

static bool
everyones_gid(struct settings_reader *r, uint32_t *out)
{
	const char *value = settings_text(r, "LDAP_GLOB_GID");
	char *room = arena_bytes(r->a, LONGEST_ENTRY);
	struct group entry, *found = NULL;
	uint64_t n;

	if (!*value)
		return false;
	if (span_number(span_str(value), UINT32_MAX - 1, &n))
		*out = (uint32_t)n;
	else if (getgrnam_r(value, &entry, room, LONGEST_ENTRY, &found) == 0 && found)
		*out = found->gr_gid;
	else
		settings_complain(r, "LDAP_GLOB_GID", "is no number and no group's name");
	return true;
}

static void
read_uris(struct settings_reader *r, struct directory_settings *s)
{
	struct span rest = span_str(settings_needed(r, "LDAP_URI"));

	s->uris = ARENA_ARRAY(r->a, rest.len + 1, const char *);
	while (rest.at) {
		struct span uri = span_cut(&rest, ' ');
		if (!uri.len)
			continue;
		const char *text_of_uri = arena_strndup(r->a, uri.at, uri.len);
		if (!ldap_is_ldap_url(text_of_uri) && !ldap_is_ldaps_url(text_of_uri) && !ldap_is_ldapi_url(text_of_uri))
			settings_complain(r, "LDAP_URI", "has something else than ldap://, ldaps:// and ldapi://");
		s->uris[s->uri_count++] = text_of_uri;
	}
}

static void
read_server(struct settings_reader *r, struct directory_settings *s)
{
	read_uris(r, s);
	s->bind_dn = settings_text(r, "LDAP_BINDDN");
	s->bind_password = settings_text(r, "LDAP_BINDPW");
	if (*s->bind_dn && !*s->bind_password)
		settings_complain(r, "LDAP_BINDPW", "is not set: without a password the server would take nobody for LDAP_BINDDN");
	s->timeout_ms = (int64_t)settings_number(r, "LDAP_TIMEOUT", 1, 600) * 1000;
	s->connections = settings_number(r, "LDAP_CONNECTIONS", 1, 1024);
	s->deref = one_of(r, "LDAP_DEREF", derefs);
	s->start_tls = settings_yes(r, "LDAP_TLS");
	s->require_certificate = one_of(r, "LDAPTLS_REQCERT", require_certificate);
	s->ca_file = settings_text(r, "LDAPTLS_CACERT");
	s->ca_dir = settings_text(r, "LDAPTLS_CACERTDIR");
	s->certificate = settings_text(r, "LDAPTLS_CERT");
	s->key = settings_text(r, "LDAPTLS_KEY");
	s->ciphers = settings_text(r, "LDAPTLS_CIPHER_SUITE");
}

static void
read_accounts(struct settings_reader *r, struct directory_settings *s)
{
	s->base = settings_needed(r, "LDAP_BASEDN");
	s->filter = settings_text(r, "LDAP_FILTER");
	s->enumerate_filter = settings_text(r, "LDAP_ENUMERATE_FILTER");
	s->domain = settings_text(r, "LDAP_DOMAIN");
	s->map_filter = settings_text(r, "LDAP_EMAILMAP");
	if (*s->map_filter) {
		s->map_base = settings_needed(r, "LDAP_EMAILMAP_BASEDN");
		s->map_attribute = settings_needed(r, "LDAP_EMAILMAP_ATTRIBUTE");
		s->map_mail = settings_needed(r, "LDAP_EMAILMAP_MAIL");
	}
}

static void
read_attributes(struct settings_reader *r, struct directory_settings *s)
{
	s->mail = settings_needed(r, "LDAP_MAIL");
	s->home = settings_needed(r, "LDAP_HOMEDIR");
	s->mail_root = settings_text(r, "LDAP_MAILROOT");
	s->maildir = settings_text(r, "LDAP_MAILDIR");
	s->quota = settings_text(r, "LDAP_MAILDIRQUOTA");
	s->full_name = settings_text(r, "LDAP_FULLNAME");
	s->store = settings_text(r, "LDAP_STORE");
	s->uid = settings_text(r, "LDAP_UID");
	s->gid = settings_text(r, "LDAP_GID");
	s->options = settings_text(r, "LDAP_AUXOPTIONS");
	s->everyones_uid = everyones_uid(r, &s->uid_of_everyone);
	s->everyones_gid = everyones_gid(r, &s->gid_of_everyone);
	if (*s->mail_root && s->mail_root[0] != '/')
		settings_complain(r, "LDAP_MAILROOT", "must be an absolute path");
}

static void
read_passwords(struct settings_reader *r, struct directory_settings *s)
{
	s->check_by_binding = settings_yes(r, "LDAP_AUTHBIND");
	s->crypt_password = settings_text(r, "LDAP_CRYPTPW");
	s->clear_password = settings_text(r, "LDAP_CLEARPW");
	if (!s->check_by_binding && !*s->crypt_password && !*s->clear_password)
		settings_complain(r, "LDAP_AUTHBIND", "is off, and neither LDAP_CRYPTPW nor LDAP_CLEARPW is set");
}

struct status
directory_settings_read(struct arena *a, const struct auth_host *host, struct directory_settings *out)
{
	struct settings_reader r = { a, host, false };

	*out = (struct directory_settings){ .uris = NULL };
	read_server(&r, out);
	read_accounts(&r, out);
	read_attributes(&r, out);
	read_passwords(&r, out);
	return r.bad ? status_make(STATUS_INVALID, "A setting of LDAP's is wrong") : STATUS_FINE;
}
