#include "frontend/net/tls_subject.h"

#include <openssl/x509v3.h>

#include "base/mem.h"
#include "base/span.h"

enum { LONGEST_NAME = 255 };

static bool
is_named(const char *text, const char *name)
{
	return span_eq_nocase(span_str(text), span_str(name));
}

/* OpenSSL knows names as they are usually written; people write them in any case. */
static int
field_nid(const char *field)
{
	static const int usual[] = {
		NID_pkcs9_emailAddress, NID_commonName, NID_userId, NID_serialNumber, NID_givenName, NID_surname,
		NID_name, NID_pseudonym, NID_organizationalUnitName,
	};
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (is_named(field, OBJ_nid2sn(usual[i])) || is_named(field, OBJ_nid2ln(usual[i])))
			return usual[i];
	return OBJ_txt2nid(field);
}

bool
tls_subject_field_known(const char *field)
{
	return field_nid(field) != NID_undef;
}

bool
tls_subject_field_is_common_name(const char *field)
{
	return field_nid(field) == NID_commonName;
}

/* As UTF-8, unless something in it cannot be part of a name. */
static char *
name_text(const ASN1_STRING *value)
{
	unsigned char *utf8 = NULL;
	char *name = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, value);
	bool good = len > 0 && len <= LONGEST_NAME;
	for (int i = 0; good && i < len; i++)
		good = utf8[i] >= 0x20 && utf8[i] != 0x7f;
	if (good)
		name = mem_strndup((const char *)utf8, (size_t)len);
	OPENSSL_free(utf8);
	return name;
}

static const ASN1_STRING *
only_entry(const X509_NAME *subject, int nid)
{
	int at = X509_NAME_get_index_by_NID(subject, nid, -1);
	if (at < 0 || X509_NAME_get_index_by_NID(subject, nid, at) >= 0)
		return NULL;
	return X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
}

static char *
alternative_email(const X509 *cert)
{
	const ASN1_STRING *found = NULL;
	int count = 0;
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);
		if (one->type == GEN_EMAIL) {
			found = one->d.rfc822Name;
			count++;
		}
	}
	char *name = count == 1 ? name_text(found) : NULL;
	GENERAL_NAMES_free(names);
	return name;
}

char *
tls_subject_of(SSL *ssl, const char *field)
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);
	if (!cert || SSL_get_verify_result(ssl) != X509_V_OK)
		return NULL;
	int nid = field_nid(field);
	const X509_NAME *subject = X509_get_subject_name(cert);
	const ASN1_STRING *value = only_entry(subject, nid);
	if (value)
		return name_text(value);
	bool absent = X509_NAME_get_index_by_NID(subject, nid, -1) < 0;
	return absent && nid == NID_pkcs9_emailAddress ? alternative_email(cert) : NULL;
}
