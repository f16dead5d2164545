/*
 * oauth_settings.c - what the OAUTH_* settings say, checked once
 */
#include "authsvc/oauth/oauth_settings.h"

#include "authsvc/account/settings_reader.h"
#include "authsvc/oauth/jose_alg.h"

static bool
is_url(const char *s)
{
	return span_starts_nocase(span_str(s), SPAN_LIT("https://")) || span_starts_nocase(span_str(s), SPAN_LIT("http://"));
}

static void
read_algorithms(struct settings_reader *r, struct oauth_settings *s)
{
	struct span rest = span_str(settings_text(r, "OAUTH_ALGORITHMS"));
	size_t count = 0;

	s->algorithms = rest.at;
	while (rest.at) {
		struct span name = span_cut(&rest, ' ');
		if (name.len && !jose_alg_find(name))
			settings_complain(r, "OAUTH_ALGORITHMS", "names one that does not exist, or that is not for public keys");
		count += name.len > 0;
	}
	if (!count)
		settings_complain(r, "OAUTH_ALGORITHMS", "is not set");
}

static void
read_sources(struct settings_reader *r, struct oauth_settings *s)
{
	s->jwks = settings_text(r, "OAUTH_JWKS");
	s->introspection = settings_text(r, "OAUTH_INTROSPECTION_URL");
	s->client = settings_text(r, "OAUTH_CLIENT_ID");
	s->client_secret = settings_text(r, "OAUTH_CLIENT_SECRET");
	s->ca_file = settings_text(r, "OAUTH_CA");
	s->timeout_ms = (int64_t)settings_number(r, "OAUTH_TIMEOUT", 1, 600000);
	s->connections = settings_number(r, "OAUTH_CONNECTIONS", 1, 1024);
	s->refresh_ms = (int64_t)settings_number(r, "OAUTH_JWKS_REFRESH", 1, 86400 * 7) * 1000;
	s->pause_ms = (int64_t)settings_number(r, "OAUTH_JWKS_PAUSE", 1, 86400) * 1000;
	s->memory_ms = (int64_t)settings_number(r, "OAUTH_MEMORY", 0, 86400) * 1000;
	if (!*s->jwks && !*s->introspection)
		settings_complain(r, "OAUTH_JWKS", "or OAUTH_INTROSPECTION_URL must be set");
	if (*s->jwks && s->jwks[0] != '/' && !is_url(s->jwks))
		settings_complain(r, "OAUTH_JWKS", "must be a URL or an absolute path");
	if (*s->introspection && !is_url(s->introspection))
		settings_complain(r, "OAUTH_INTROSPECTION_URL", "must be a URL");
}

/* A signature alone says that the issuer knows somebody, not that the token was made to read mail with. */
static void
read_rules(struct settings_reader *r, struct oauth_settings *s)
{
	s->rules = (struct oauth_rules){
		.issuer = settings_text(r, "OAUTH_ISSUER"), .audiences = settings_text(r, "OAUTH_AUDIENCE"), .scopes = settings_text(r, "OAUTH_SCOPE"),
		.username = settings_text(r, "OAUTH_USERNAME"), .leeway_s = (int64_t)settings_number(r, "OAUTH_LEEWAY", 0, 3600),
	};
	if (!*s->rules.username)
		settings_complain(r, "OAUTH_USERNAME", "is not set");
	if (*s->jwks && !*s->rules.issuer)
		settings_complain(r, "OAUTH_ISSUER", "must be set with OAUTH_JWKS");
	if (*s->jwks && !*s->rules.audiences && !*s->rules.scopes)
		settings_complain(r, "OAUTH_AUDIENCE", "or OAUTH_SCOPE must be set with OAUTH_JWKS");
}

static void
read_account(struct settings_reader *r, struct oauth_settings *s)
{
	s->names.domain = settings_text(r, "DEFAULT_DOMAIN");
	s->names.letters = strcmp(settings_text(r, "ACCOUNT_CASE"), "lower") == 0 ? ACCOUNT_CASE_LOWER : ACCOUNT_CASE_KEEP;
	s->home = settings_text(r, "OAUTH_HOME");
	s->maildir = settings_text(r, "OAUTH_MAILDIR");
	/* The last 32-bit number means "leave it" to chown(2) and its kin. */
	s->uid = (uint32_t)settings_number(r, "OAUTH_UID", 0, UINT32_MAX - 1);
	s->gid = (uint32_t)settings_number(r, "OAUTH_GID", 0, UINT32_MAX - 1);
	if (*s->home && s->home[0] != '/')
		settings_complain(r, "OAUTH_HOME", "must be an absolute path");
}

struct status
oauth_settings_read(struct arena *a, const struct auth_host *host, struct oauth_settings *out)
{
	struct settings_reader r = { a, host, false };

	*out = (struct oauth_settings){ .jwks = "" };
	read_algorithms(&r, out);
	read_sources(&r, out);
	read_rules(&r, out);
	read_account(&r, out);
	return r.bad ? status_make(STATUS_INVALID, "A setting of OAuth's is wrong") : STATUS_FINE;
}
