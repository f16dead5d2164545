/*
 * Whom a certificate names
 */
#include "frontend/net/tls_subject.h"

#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "frontend/testing/certificate.h"

/* A client's certificate: fields of its subject beside the common name, and how it is to be understood. */
static const struct row {
	const char *field;			/* TLS_EXTERNAL */
	const char *common_name, *more, *value, *again;
	const char *alternative;
	const char *name;			/* NULL: nobody */
} rows[] = {
	{ "commonname", "alice", NULL, NULL, NULL, NULL, "alice" },
	{ "CN", "alice", NULL, NULL, NULL, NULL, "alice" },
	{ "CommonName", "\xc3\xa4lice", NULL, NULL, NULL, NULL, "\xc3\xa4lice" },
	{ "commonname", "al\nice", NULL, NULL, NULL, NULL, NULL },
	{ "emailaddress", "alice", NULL, NULL, NULL, NULL, NULL },
	{ "emailaddress", "x", "emailAddress", "alice@example.test", NULL, NULL, "alice@example.test" },
	{ "emailAddress", "x", "emailAddress", "alice@example.test", NULL, "email:bob@example.test", "alice@example.test" },
	{ "emailaddress", "x", "emailAddress", "alice@example.test", "bob@example.test", NULL, NULL },
	{ "emailaddress", "x", "emailAddress", "alice@example.test", "bob@example.test", "email:bob@example.test", NULL },
	{ "emailaddress", "x", NULL, NULL, NULL, "email:alice@example.test,DNS:example.test", "alice@example.test" },
	{ "emailaddress", "x", NULL, NULL, NULL, "email:alice@example.test,email:bob@example.test", NULL },
	{ "emailaddress", "x", NULL, NULL, NULL, "DNS:alice.example.test", NULL },
	{ "uid", "x", "UID", "alice", NULL, NULL, "alice" },
	{ "userId", "x", "UID", "alice", NULL, NULL, "alice" },
	{ "0.9.2342.19200300.100.1.1", "x", "UID", "alice", NULL, NULL, "alice" },
	{ "commonname", "x", NULL, NULL, NULL, "email:alice@example.test", "x" },
};

static void
add_entry(X509 *cert, const char *field, const char *value)
{
	if (value)
		assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), field, MBSTRING_UTF8,
		    (const unsigned char *)value, -1, -1, 0), 1);
}

/* In a handshake; the server trusts it if `trusted`. */
static char *
name_told(X509 *cert, EVP_PKEY *key, const char *field, bool trusted)
{
	int ends[2];
	EVP_PKEY *our_key;
	X509 *ours = certificate_new("server", NULL, &our_key);
	SSL_CTX *here = SSL_CTX_new(TLS_server_method()), *there = SSL_CTX_new(TLS_client_method());
	assert_int_equal(SSL_CTX_use_certificate(here, ours), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(here, our_key), 1);
	if (trusted)
		X509_STORE_add_cert(SSL_CTX_get_cert_store(here), cert);
	SSL_CTX_set_verify(here, SSL_VERIFY_PEER, NULL);
	if (cert) {
		assert_int_equal(SSL_CTX_use_certificate(there, cert), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(there, key), 1);
	}
	SSL *server = SSL_new(here), *client = SSL_new(there);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	SSL_set_fd(server, ends[0]);
	SSL_set_fd(client, ends[1]);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	for (int i = 0; i < 10; i++) {
		(void)SSL_do_handshake(server);
		(void)SSL_do_handshake(client);
	}
	char *name = tls_subject_of(server, field);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(here);
	SSL_CTX_free(there);
	X509_free(ours);
	EVP_PKEY_free(our_key);
	close(ends[0]);
	close(ends[1]);
	return name;
}

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		EVP_PKEY *key;
		X509 *cert = certificate_new(rows[i].common_name, rows[i].alternative, &key);
		add_entry(cert, rows[i].more, rows[i].value);
		add_entry(cert, rows[i].more, rows[i].again);
		X509_set_issuer_name(cert, X509_get_subject_name(cert));
		assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
		assert_true(tls_subject_field_known(rows[i].field));
		char *name = name_told(cert, key, rows[i].field, true);
		bool same = name && rows[i].name ? strcmp(name, rows[i].name) == 0 : name == rows[i].name;
		if (!same)
			fail_msg("row %zu: %s", i, name ? name : "nobody");
		free(name);
		X509_free(cert);
		EVP_PKEY_free(key);
	}
}

static void
test_nobody(void **state)
{
	EVP_PKEY *key;
	X509 *cert = certificate_new("alice", NULL, &key);
	(void)state;
	assert_null(name_told(cert, key, "commonname", false));		/* says who? */
	assert_null(name_told(NULL, NULL, "commonname", false));
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void
test_fields(void **state)
{
	(void)state;
	assert_false(tls_subject_field_known("shoe size"));
	assert_false(tls_subject_field_known(""));
	assert_true(tls_subject_field_is_common_name("CN"));
	assert_true(tls_subject_field_is_common_name("commonName"));
	assert_false(tls_subject_field_is_common_name("emailaddress"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
