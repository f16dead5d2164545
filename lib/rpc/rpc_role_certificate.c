/*
 * rpc_role_certificate.c - the roles that a certificate names
 */
#include <openssl/x509v3.h>

#include "rpc/rpc_role.h"

/* What services are called elsewhere, for certificates whose common name is the service's. */
static const struct {
	const char *name;
	unsigned role;
} services[] = {
	{ "outboxsvc", RPC_ROLE_OUTBOX },
	{ "posthousectl", RPC_ROLE_OPERATOR },
};

static struct span
text_of(const ASN1_STRING *string)
{
	return span_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

/* *out_named: there are names of our form, be the roles known or not. */
static unsigned
alternative_roles(X509 *certificate, bool *out_named)
{
	const struct span prefix = SPAN_LIT("posthouse:role/");
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	unsigned roles = 0;

	*out_named = false;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_URI)
			continue;
		struct span uri = text_of(name->d.uniformResourceIdentifier);
		if (!span_starts(uri, prefix))
			continue;
		*out_named = true;
		roles |= rpc_role_find(span_skip(uri, prefix.len));
	}
	GENERAL_NAMES_free(names);
	return roles;
}

/* A subject with two common names, or one with a NUL in it, is nobody's. */
static unsigned
common_role(X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return 0;
	struct span name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (span_eq(name, span_str(services[i].name)))
			return services[i].role;
	return rpc_role_find(name);
}

unsigned
rpc_role_of_certificate(X509 *certificate)
{
	bool named;
	unsigned roles = alternative_roles(certificate, &named);

	return named ? roles : common_role(certificate);
}
