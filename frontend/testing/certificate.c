#include "frontend/testing/certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/panic.h"

static void
add_alternative(X509 *cert, const char *alternative)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
	assert_that(extension && X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

X509 *
certificate_new(const char *name, const char *alternative, EVP_PKEY **out_key)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	uint32_t serial;
	assert_that(key && cert && RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	if (alternative)
		add_alternative(cert, alternative);
	assert_that(X509_sign(cert, key, EVP_sha256()));
	*out_key = key;
	return cert;
}

void
certificate_write(const char *file, const char *name)
{
	char alternative[300];
	EVP_PKEY *key;
	snprintf(alternative, sizeof(alternative), "DNS:%s", name);
	X509 *cert = certificate_new(name, alternative, &key);
	FILE *to = fopen(file, "we");
	assert_that(to && PEM_write_X509(to, cert) && PEM_write_PrivateKey(to, key, NULL, NULL, 0, NULL, NULL));
	fclose(to);
	X509_free(cert);
	EVP_PKEY_free(key);
}
