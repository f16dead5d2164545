/*
 * oauth_settings.c - what the OAUTH_* settings say, checked once
 */
#include "authsvc/oauth/oauth_settings.h"

#include "authsvc/oauth/jose_alg.h"
#include "base/log.h"

struct reader {
	struct arena *a;
	const struct auth_host *host;
	bool bad;
};

static const char *
text(const struct reader *r, const char *name)
{
	return arena_strdup(r->a, r->host->setting(r->host->arg, name));
}

static void
complain(struct reader *r, const char *name, const char *what)
{
	log_error("%s %s", name, what);
	r->bad = true;
}

static uint64_t
number(struct reader *r, const char *name, uint64_t least, uint64_t most)
{
	uint64_t n = 0;

	if (!span_number(span_str(text(r, name)), most, &n) || n < least)
		complain(r, name, "is no number, too small or too large");
	return n;
}

static bool
is_url(const char *s)
{
	return span_starts_nocase(span_str(s), SPAN_LIT("https://")) || span_starts_nocase(span_str(s), SPAN_LIT("http://"));
}

static void
read_algorithms(struct reader *r, struct oauth_settings *s)
{
	struct span rest = span_str(text(r, "OAUTH_ALGORITHMS"));
	size_t count = 0;

	s->algorithms = rest.at;
	while (rest.at) {
		struct span name = span_cut(&rest, ' ');
		if (name.len && !jose_alg_find(name))
			complain(r, "OAUTH_ALGORITHMS", "names one that does not exist, or that is not for public keys");
		count += name.len > 0;
	}
	if (!count)
		complain(r, "OAUTH_ALGORITHMS", "is not set");
}

static void
read_sources(struct reader *r, struct oauth_settings *s)
{
	s->jwks = text(r, "OAUTH_JWKS");
	s->introspection = text(r, "OAUTH_INTROSPECTION_URL");
	s->client = text(r, "OAUTH_CLIENT_ID");
	s->client_secret = text(r, "OAUTH_CLIENT_SECRET");
	s->ca_file = text(r, "OAUTH_CA");
	s->timeout_ms = (int64_t)number(r, "OAUTH_TIMEOUT", 1, 600000);
	s->connections = number(r, "OAUTH_CONNECTIONS", 1, 1024);
	s->refresh_ms = (int64_t)number(r, "OAUTH_JWKS_REFRESH", 1, 86400 * 7) * 1000;
	s->pause_ms = (int64_t)number(r, "OAUTH_JWKS_PAUSE", 1, 86400) * 1000;
	s->memory_ms = (int64_t)number(r, "OAUTH_MEMORY", 0, 86400) * 1000;
	if (!*s->jwks && !*s->introspection)
		complain(r, "OAUTH_JWKS", "or OAUTH_INTROSPECTION_URL must be set");
	if (*s->jwks && s->jwks[0] != '/' && !is_url(s->jwks))
		complain(r, "OAUTH_JWKS", "must be a URL or an absolute path");
	if (*s->introspection && !is_url(s->introspection))
		complain(r, "OAUTH_INTROSPECTION_URL", "must be a URL");
}

/* A signature alone says that the issuer knows somebody, not that the token was made to read mail with. */
static void
read_rules(struct reader *r, struct oauth_settings *s)
{
	s->rules = (struct oauth_rules){
		.issuer = text(r, "OAUTH_ISSUER"), .audiences = text(r, "OAUTH_AUDIENCE"), .scopes = text(r, "OAUTH_SCOPE"),
		.username = text(r, "OAUTH_USERNAME"), .leeway_s = (int64_t)number(r, "OAUTH_LEEWAY", 0, 3600),
	};
	if (!*s->rules.username)
		complain(r, "OAUTH_USERNAME", "is not set");
	if (*s->jwks && !*s->rules.issuer)
		complain(r, "OAUTH_ISSUER", "must be set with OAUTH_JWKS");
	if (*s->jwks && !*s->rules.audiences && !*s->rules.scopes)
		complain(r, "OAUTH_AUDIENCE", "or OAUTH_SCOPE must be set with OAUTH_JWKS");
}

static void
read_account(struct reader *r, struct oauth_settings *s)
{
	s->domain = text(r, "DEFAULT_DOMAIN");
	s->home = text(r, "OAUTH_HOME");
	s->maildir = text(r, "OAUTH_MAILDIR");
	/* The last 32-bit number means "leave it" to chown(2) and its kin. */
	s->uid = (uint32_t)number(r, "OAUTH_UID", 0, UINT32_MAX - 1);
	s->gid = (uint32_t)number(r, "OAUTH_GID", 0, UINT32_MAX - 1);
	if (*s->home && s->home[0] != '/')
		complain(r, "OAUTH_HOME", "must be an absolute path");
}

struct status
oauth_settings_read(struct arena *a, const struct auth_host *host, struct oauth_settings *out)
{
	struct reader r = { a, host, false };

	*out = (struct oauth_settings){ .jwks = "" };
	read_algorithms(&r, out);
	read_sources(&r, out);
	read_rules(&r, out);
	read_account(&r, out);
	return r.bad ? status_make(STATUS_INVALID, "A setting of OAuth's is wrong") : STATUS_FINE;
}
