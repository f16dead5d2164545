/*
 * What is stapled, and what is not
 */
#include "frontend/net/tls_staple.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "frontend/testing/certificate.h"

enum { NO_END = -1 };

static struct test_folder folder;
static X509 *ours, *another;
static EVP_PKEY *our_key, *another_key;
static char path[64];

static int
setup(void **state)
{
	(void)state;
	ours = certificate_new("ours", NULL, &our_key);
	another = certificate_new("another", NULL, &another_key);
	if (test_folder_make(&folder) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/ocsp", folder.path);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	X509_free(ours);
	X509_free(another);
	EVP_PKEY_free(our_key);
	EVP_PKEY_free(another_key);
	return test_folder_remove(&folder);
}

/* An answer about `cert`, which holds from and until so many seconds from now. */
static void
write_answer(X509 *cert, int status, long from, long until)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, cert);
	ASN1_TIME *begin = X509_gmtime_adj(NULL, from), *end = until == NO_END ? NULL : X509_gmtime_adj(NULL, until);
	ASN1_TIME *revoked = status == V_OCSP_CERTSTATUS_REVOKED ? X509_gmtime_adj(NULL, from) : NULL;
	unsigned char *der = NULL;
	assert_non_null(OCSP_basic_add1_status(basic, id, status, 0, revoked, begin, end));
	assert_int_equal(OCSP_basic_sign(basic, cert, cert == ours ? our_key : another_key, EVP_sha256(), NULL, 0), 1);
	OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	int len = i2d_OCSP_RESPONSE(response, &der);
	assert_true(len > 0 && status_ok(io_replace_file(AT_FDCWD, path, span_of(der, (size_t)len), 0600)));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
	ASN1_TIME_free(revoked);
}

/* What a client that asks is sent: how many bytes. */
static long
stapled_by(SSL_CTX *context)
{
	int ends[2];
	const unsigned char *answer = NULL;
	SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
	SSL *server = SSL_new(context), *client = SSL_new(client_context);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	SSL_set_fd(server, ends[0]);
	SSL_set_fd(client, ends[1]);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	SSL_set_tlsext_status_type(client, TLSEXT_STATUSTYPE_ocsp);
	for (int i = 0; i < 10; i++) {
		(void)SSL_do_handshake(server);
		(void)SSL_do_handshake(client);
	}
	assert_true(SSL_is_init_finished(client));
	ERR_clear_error();
	long len = SSL_get_tlsext_status_ocsp_resp(client, &answer);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(client_context);
	close(ends[0]);
	close(ends[1]);
	return len;
}

static SSL_CTX *
context_with_staple(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(context, ours), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, our_key), 1);
	tls_staple_use(context, path);
	return context;
}

static bool
is_stapled(void)
{
	SSL_CTX *context = context_with_staple();
	bool stapled = stapled_by(context) > 0;
	SSL_CTX_free(context);
	return stapled;
}

static void
test_answers(void **state)
{
	static const struct {
		bool about_us;
		int status;
		long from, until;
		bool stapled;
	} rows[] = {
		{ true, V_OCSP_CERTSTATUS_GOOD, -60, 3600, true },
		{ true, V_OCSP_CERTSTATUS_REVOKED, -60, 3600, true },	/* sad, but true */
		{ true, V_OCSP_CERTSTATUS_GOOD, -7200, -3600, false },
		{ true, V_OCSP_CERTSTATUS_GOOD, 3600, 7200, false },
		{ true, V_OCSP_CERTSTATUS_GOOD, -60, NO_END, false },
		{ false, V_OCSP_CERTSTATUS_GOOD, -60, 3600, false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		write_answer(rows[i].about_us ? ours : another, rows[i].status, rows[i].from, rows[i].until);
		if (is_stapled() != rows[i].stapled)
			fail_msg("row %zu", i);
	}
}

static void
test_no_answers(void **state)
{
	static const struct span rubbish[] = { SPAN_LIT(""), SPAN_LIT("rubbish"), SPAN_LIT("\x30\x03\x0a\x01\x03") };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rubbish); i++) {
		assert_true(status_ok(io_replace_file(AT_FDCWD, path, rubbish[i], 0600)));
		assert_false(is_stapled());
	}
	assert_int_equal(unlink(path), 0);
	assert_false(is_stapled());
}

/* It is looked at when it is sent: the answer may have been good when it was read. */
static void
test_an_answer_that_grows_old(void **state)
{
	(void)state;
	write_answer(ours, V_OCSP_CERTSTATUS_GOOD, -60, 1);
	SSL_CTX *context = context_with_staple();
	assert_true(stapled_by(context) > 0);
	usleep(2100 * 1000);
	assert_true(stapled_by(context) <= 0);
	SSL_CTX_free(context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_answers),
		cmocka_unit_test(test_an_answer_that_grows_old),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
