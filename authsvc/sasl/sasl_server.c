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

struct status
sasl_server_new(const struct sasl_server_options *o, struct sasl_server **out)
{
	struct sasl_server *s = MEM_NEW(struct sasl_server);

	s->chain = o->chain;
	s->default_domain = o->default_domain;
	s->gssapi_realm = o->gssapi_realm;
	s->oauth_scope = o->oauth_scope;
	s->oauth_configuration = o->oauth_configuration;
	s->scram_iterations = o->scram_iterations;
	memcpy(s->salt_key, o->salt_key, sizeof(s->salt_key));
	if (gethostname(s->hostname_room, sizeof(s->hostname_room) - 1) < 0 || !*s->hostname_room)
		snprintf(s->hostname_room, sizeof(s->hostname_room), "localhost");
	s->hostname = *o->gssapi_hostname ? o->gssapi_hostname : s->hostname_room;
	assert_that(gsasl_init(&s->gsasl) == GSASL_OK);
	gsasl_callback_set(s->gsasl, sasl_gsasl_property);
	struct status st = open_gssapi(s, o->gssapi_keytab);
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
	secret_wipe(s->salt_key, sizeof(s->salt_key));
	free(s);
	*ps = NULL;
}

bool
sasl_possible(const struct sasl_server *s, const struct sasl_mechanism *m)
{
	return (!m->offers || auth_chain_offers(s->chain) & m->offers) && (!m->possible || m->possible(s));
}

const struct sasl_mechanism *
sasl_mechanism_find(const struct sasl_server *s, struct span name)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (span_eq_nocase(span_str(m->name), name))
			return sasl_possible(s, m) ? m : NULL;
	return NULL;
}
