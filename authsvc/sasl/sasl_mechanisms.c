/*
 * sasl_mechanisms.c - the index of mechanisms
 *
 * The best first: what proves itself without giving anything away and is bound to its TLS connection, what is not bound,
 * somebody else's word, and last what hands over the password.
 */
#include "authsvc/sasl/sasl.h"
#include "authsvc/sasl/sasl_steps.h"

#define PRIVACY POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_PRIVACY
#define BINDING POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_BINDING
#define CERTIFICATE POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_CERTIFICATE

#define CLEAR AUTH_OFFERS_CLEAR

#define SCRAM(name, needs, also, detail) \
	{ name, needs, CLEAR | (also), NULL, false, sasl_scram_step, sasl_scram_end, detail }
#define CRAM(name, also, hash) { name, 0, CLEAR | (also), NULL, true, sasl_cram_step, NULL, hash }
#define TOKEN(name, form) { name, PRIVACY, AUTH_OFFERS_TOKENS, NULL, false, sasl_oauth_step, NULL, form }

const struct sasl_mechanism sasl_mechanisms[] = {
	SCRAM("SCRAM-SHA-256-PLUS", BINDING, AUTH_OFFERS_SCRAM_SHA256, "SHA256"),
	SCRAM("SCRAM-SHA-1-PLUS", BINDING, AUTH_OFFERS_SCRAM_SHA1, "SHA1"),
	SCRAM("SCRAM-SHA-256", 0, AUTH_OFFERS_SCRAM_SHA256, "SHA256"),
	SCRAM("SCRAM-SHA-1", 0, AUTH_OFFERS_SCRAM_SHA1, "SHA1"),
	{ "GSSAPI", 0, 0, sasl_gssapi_possible, false, sasl_gssapi_step, sasl_gssapi_end, NULL },
	{ "EXTERNAL", CERTIFICATE, 0, sasl_external_possible, false, sasl_external_step, NULL, NULL },
	TOKEN("OAUTHBEARER", &sasl_oauthbearer),
	TOKEN("XOAUTH2", &sasl_xoauth2),
	CRAM("CRAM-SHA256", AUTH_OFFERS_HMAC_SHA256, "SHA256"),
	CRAM("CRAM-SHA1", AUTH_OFFERS_HMAC_SHA1, "SHA1"),
	CRAM("CRAM-MD5", AUTH_OFFERS_HMAC_MD5, "MD5"),
	{ "APOP", 0, CLEAR, NULL, false, sasl_apop_step, NULL, NULL },
	{ "PLAIN", PRIVACY, AUTH_OFFERS_PASSWORDS, NULL, false, NULL, NULL, NULL },
	{ "LOGIN", PRIVACY, AUTH_OFFERS_PASSWORDS, NULL, false, NULL, NULL, NULL },
	{ NULL, 0, 0, NULL, false, NULL, NULL, NULL },
};
