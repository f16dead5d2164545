/*
 * sasl_server.c - what all exchanges of an authsvc share
 */
#include "authsvc/sasl/sasl_server.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "authsvc/sasl/sasl.h"
#include "authsvc/sasl/sasl_gsasl.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"

/* The Kerberos library takes the place of its keys from the environment. */
static struct status
open_gssapi(struct sasl_server *s, const char *keytab)
{
	if (!*keytab)
		return STATUS_FINE;
	if (access(keytab, R_OK) < 0) {
		log_error("GSSAPI_KEYTAB: %s: %s", keytab, strerror(errno));
		return status_make(STATUS_INVALID, "The keytab cannot be read");
	}
	if (!gsasl_server_support_p(s->gsasl, "GSSAPI")) {
		log_error("GSSAPI_KEYTAB is set, but this libgsasl has no GSSAPI");
		return status_make(STATUS_INVALID, "There is no GSSAPI");
	}
	setenv("KRB5_KTNAME", keytab, 1);
	s->gssapi = true;
	return STATUS_FINE;
}

/* The next name of a list separated by blanks or commas; empty: there are no more. */
static struct span
next_name(struct span *rest)
{
	size_t skip = strspn(rest->at, " ,\t"), len = strcspn(rest->at + skip, " ,\t");
	struct span name = span_of(rest->at + skip, len);

	*rest = span_skip(*rest, skip + len);
	return name;
}

static struct status
check_mechanisms(const char *list)
{
	struct span rest = span_str(list), name;

	while ((name = next_name(&rest)).len) {
		const struct sasl_mechanism *m = sasl_mechanisms;
		while (m->name && !span_eq_nocase(span_str(m->name), name))
			m++;
		if (m->name)
			continue;
		log_error("AUTH_MECHANISMS: %.*s is no mechanism", (int)name.len, name.at);
		return status_make(STATUS_INVALID, "No such mechanism");
	}
	return STATUS_FINE;
}

bool
sasl_allowed(const struct sasl_server *s, struct span name)
{
	struct span rest = span_str(s->mechanisms), one;

	while ((one = next_name(&rest)).len)
		if (span_eq_nocase(one, name))
			return true;
	return *s->mechanisms == '\0';
}

struct status
sasl_server_new(const struct sasl_server_options *o, struct sasl_server **out)
{
	struct sasl_server *s = MEM_NEW(struct sasl_server);

	s->chain = o->chain;
	s->filled = password_marks_new(o->password_memory_ms);
	s->names = o->names;
	s->mechanisms = o->mechanisms;
	s->gssapi_realm = o->gssapi_realm;
	s->oauth_scope = o->oauth_scope;
	s->oauth_configuration = o->oauth_configuration;
	s->external = o->external;
	s->scram_iterations = o->scram_iterations;
	memcpy(s->salt_key, o->salt_key, sizeof(s->salt_key));
	if (gethostname(s->hostname_room, sizeof(s->hostname_room) - 1) < 0 || !*s->hostname_room)
		snprintf(s->hostname_room, sizeof(s->hostname_room), "localhost");
	s->hostname = *o->gssapi_hostname ? o->gssapi_hostname : s->hostname_room;
	assert_that(gsasl_init(&s->gsasl) == GSASL_OK);
	gsasl_callback_set(s->gsasl, sasl_gsasl_property);
	struct status st = check_mechanisms(o->mechanisms);
	if (status_ok(st))
		st = open_gssapi(s, o->gssapi_keytab);
	if (status_ok(st))
		*out = s;
	else
		sasl_server_free(&s);
	return st;
}

void
sasl_server_free(struct sasl_server **ps)
{
	struct sasl_server *s = *ps;

	if (!s)
		return;
	gsasl_done(s->gsasl);
	password_marks_free(&s->filled);
	secret_wipe(s->salt_key, sizeof(s->salt_key));
	free(s);
	*ps = NULL;
}

bool
sasl_possible(const struct sasl_server *s, const struct sasl_mechanism *m)
{
	return sasl_allowed(s, span_str(m->name)) && (!m->offers || auth_chain_offers(s->chain) & m->offers) &&
	    (!m->possible || m->possible(s));
}

const struct sasl_mechanism *
sasl_mechanism_find(const struct sasl_server *s, struct span name)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (span_eq_nocase(span_str(m->name), name))
			return sasl_possible(s, m) ? m : NULL;
	return NULL;
}
