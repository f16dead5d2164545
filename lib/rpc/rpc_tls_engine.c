/*
 * rpc_tls_engine.c - TLS for nng's streams, by OpenSSL
 *
 * nng calls in with the connection locked, and moves the bytes itself: a BIO of our own passes them on. How nng is asked
 * for the peer's roles: the option NNG_OPT_TLS_VERIFIED calls conn_verified() on the caller's own thread, which leaves them
 * in `asked_roles`.
 */
#include "rpc/rpc_tls_engine.h"

#include <pthread.h>

#include <nng/nng.h>
#include <nng/supplemental/tls/engine.h>
#include <nng/supplemental/tls/tls.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "rpc/rpc_role.h"

#define TELL_EVERY_MS 10000

struct nng_tls_engine_config {
	SSL_CTX *context;
	char *server_name;		/* NULL: the server's side */
	bool client;
};

struct nng_tls_engine_conn {
	SSL *ssl;
	void *below;			/* nng's, for its send and recv */
};

static _Thread_local unsigned asked_roles;
static BIO_METHOD *bio_method;

/* ---- bytes between OpenSSL and nng ---- */

static int
bio_read(BIO *bio, char *to, int len)
{
	size_t n = (size_t)len;
	int rv = len > 0 ? nng_tls_engine_recv(BIO_get_data(bio), (uint8_t *)to, &n) : NNG_EINVAL;

	BIO_clear_retry_flags(bio);
	if (rv == NNG_EAGAIN)
		BIO_set_retry_read(bio);
	return rv == 0 ? (int)n : -1;
}

static int
bio_write(BIO *bio, const char *from, int len)
{
	size_t n = (size_t)len;
	int rv = len > 0 ? nng_tls_engine_send(BIO_get_data(bio), (const uint8_t *)from, &n) : NNG_EINVAL;

	BIO_clear_retry_flags(bio);
	if (rv == NNG_EAGAIN)
		BIO_set_retry_write(bio);
	return rv == 0 ? (int)n : -1;
}

static long
bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

/* ---- connections ---- */

static int
conn_init(nng_tls_engine_conn *conn, void *below, nng_tls_engine_config *config)
{
	BIO *bio = BIO_new(bio_method);

	conn->ssl = SSL_new(config->context);
	conn->below = below;
	if (!bio || !conn->ssl) {
		BIO_free(bio);
		return NNG_ENOMEM;
	}
	BIO_set_data(bio, below);
	BIO_set_init(bio, 1);
	SSL_set_bio(conn->ssl, bio, bio);
	if (!config->client) {
		SSL_set_accept_state(conn->ssl);
		return 0;
	}
	SSL_set_connect_state(conn->ssl);
	if (!config->server_name)
		return 0;
	SSL_set_app_data(conn->ssl, config->server_name);
	/* An address is no name to be indicated, but is checked as one. */
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(conn->ssl), config->server_name) == 1)
		return 0;
	ERR_clear_error();
	return SSL_set1_host(conn->ssl, config->server_name) == 1 &&
	    SSL_set_tlsext_host_name(conn->ssl, config->server_name) == 1 ? 0 : NNG_EINVAL;
}

static void
conn_fini(nng_tls_engine_conn *conn)
{
	SSL_free(conn->ssl);
	conn->ssl = NULL;
}

static void
conn_close(nng_tls_engine_conn *conn)
{
	if (conn->ssl && SSL_is_init_finished(conn->ssl)) {
		ERR_clear_error();
		SSL_shutdown(conn->ssl);
		ERR_clear_error();
	}
}

/* Both ends try again and again, so not each time. */
static void
tell_trouble(nng_tls_engine_conn *conn)
{
	static _Atomic int64_t told;
	long verified = SSL_get_verify_result(conn->ssl);
	int64_t now = clock_mono_ms();

	if (told && now - told < TELL_EVERY_MS)
		return;
	told = now;
	log_warn("TLS of a call's connection: %s%s%s", ERR_reason_error_string(ERR_peek_error()),
	    verified == X509_V_OK ? "" : ": ", verified == X509_V_OK ? "" : X509_verify_cert_error_string(verified));
}

/* `rv` is what an SSL_ function has returned. */
static int
outcome(nng_tls_engine_conn *conn, int rv)
{
	int error = rv > 0 ? SSL_ERROR_NONE : SSL_get_error(conn->ssl, rv);

	switch (error) {
	case SSL_ERROR_NONE:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return NNG_EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return NNG_ECLOSED;
	case SSL_ERROR_SSL:
		tell_trouble(conn);
		ERR_clear_error();
		return SSL_get_verify_result(conn->ssl) == X509_V_OK ? NNG_ECRYPTO : NNG_EPEERAUTH;
	default:
		ERR_clear_error();
		return NNG_ECONNSHUT;
	}
}

static int
conn_handshake(nng_tls_engine_conn *conn)
{
	ERR_clear_error();
	return outcome(conn, SSL_do_handshake(conn->ssl));
}

static int
conn_recv(nng_tls_engine_conn *conn, uint8_t *to, size_t *len)
{
	ERR_clear_error();
	int rv = SSL_read(conn->ssl, to, *len > INT32_MAX ? INT32_MAX : (int)*len);
	if (rv > 0)
		*len = (size_t)rv;
	return outcome(conn, rv);
}

static int
conn_send(nng_tls_engine_conn *conn, const uint8_t *from, size_t *len)
{
	ERR_clear_error();
	int rv = SSL_write(conn->ssl, from, *len > INT32_MAX ? INT32_MAX : (int)*len);
	if (rv > 0)
		*len = (size_t)rv;
	return outcome(conn, rv);
}

static bool
conn_verified(nng_tls_engine_conn *conn)
{
	X509 *certificate = SSL_is_init_finished(conn->ssl) ? SSL_get0_peer_certificate(conn->ssl) : NULL;
	bool verified = certificate && SSL_get_verify_result(conn->ssl) == X509_V_OK;

	asked_roles = verified ? rpc_role_of_certificate(certificate) : 0;
	ERR_clear_error();
	return verified;
}

/* ---- configurations ---- */

/* "*.storesvc" for storesvc-0.storesvc: OpenSSL takes a star only before two labels, and a cluster's names have one. */
static bool
is_starred(X509 *certificate, const char *server_name)
{
	const char *rest = strchr(server_name, '.');
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; rest && rest > server_name && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS)
			continue;
		struct span text = span_of(ASN1_STRING_get0_data(name->d.dNSName),
		    (size_t)ASN1_STRING_length(name->d.dNSName));
		found = found || (span_starts(text, SPAN_LIT("*.")) && span_eq_nocase(span_skip(text, 1), span_str(rest)));
	}
	GENERAL_NAMES_free(names);
	return found;
}

/* Asked about each fault of a chain, and about each certificate without one. */
static int
verify(int good, X509_STORE_CTX *chain)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	const char *server_name = SSL_get_app_data(ssl);

	if (good || X509_STORE_CTX_get_error(chain) != X509_V_ERR_HOSTNAME_MISMATCH || !server_name ||
	    !is_starred(X509_STORE_CTX_get0_cert(chain), server_name))
		return good;
	X509_STORE_CTX_set_error(chain, X509_V_OK);
	return 1;
}

static int
config_init(nng_tls_engine_config *config, nng_tls_mode mode)
{
	config->client = mode == NNG_TLS_MODE_CLIENT;
	config->context = SSL_CTX_new(config->client ? TLS_client_method() : TLS_server_method());
	if (!config->context)
		return NNG_ENOMEM;
	SSL_CTX_set_mode(config->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	    SSL_MODE_RELEASE_BUFFERS);
	/* Each connection shows its certificate; nothing is resumed, renegotiated or compressed. */
	SSL_CTX_set_options(config->context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(config->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(config->context, 0);
	return 0;
}

static void
config_fini(nng_tls_engine_config *config)
{
	SSL_CTX_free(config->context);
	free(config->server_name);
}

static int
config_server(nng_tls_engine_config *config, const char *name)
{
	free(config->server_name);
	config->server_name = name ? mem_strdup(name) : NULL;
	return 0;
}

static int
config_auth(nng_tls_engine_config *config, nng_tls_auth_mode mode)
{
	SSL_CTX_set_verify(config->context, mode == NNG_TLS_AUTH_MODE_NONE ? SSL_VERIFY_NONE :
	    mode == NNG_TLS_AUTH_MODE_OPTIONAL ? SSL_VERIFY_PEER : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify);
	return 0;
}

static int
config_ca_chain(nng_tls_engine_config *config, const char *certificates, const char *revoked)
{
	BIO *bio = BIO_new_mem_buf(certificates, -1);
	X509_STORE *store = SSL_CTX_get_cert_store(config->context);
	X509 *one;
	int count = 0;

	if (!bio || revoked) {
		BIO_free(bio);
		return NNG_ENOTSUP;
	}
	while ((one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		count += X509_STORE_add_cert(store, one);
		if (!config->client)
			SSL_CTX_add_client_CA(config->context, one);
		X509_free(one);
	}
	BIO_free(bio);
	ERR_clear_error();
	return count ? 0 : NNG_ECRYPTO;
}

/* The certificate first, then those between it and the authority. */
static int
use_chain(SSL_CTX *context, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *one = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	bool good = one && SSL_CTX_use_certificate(context, one) == 1;

	X509_free(one);
	while (good && (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		good = SSL_CTX_add1_chain_cert(context, one) == 1;
		X509_free(one);
	}
	BIO_free(bio);
	return good ? 0 : NNG_ECRYPTO;
}

static int
config_own_cert(nng_tls_engine_config *config, const char *certificate, const char *key, const char *password)
{
	BIO *bio = BIO_new_mem_buf(key ? key : certificate, -1);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t)(password ? password : "")) : NULL;
	int rv = use_chain(config->context, certificate);

	if (rv == 0 && (!pkey || SSL_CTX_use_PrivateKey(config->context, pkey) != 1 ||
	    SSL_CTX_check_private_key(config->context) != 1))
		rv = NNG_ECRYPTO;
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	ERR_clear_error();
	return rv;
}

static int
openssl_version(nng_tls_version version)
{
	return version == NNG_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

/* Nothing below TLS 1.2, whatever is asked for. */
static int
config_version(nng_tls_engine_config *config, nng_tls_version least, nng_tls_version most)
{
	return SSL_CTX_set_min_proto_version(config->context, openssl_version(least)) == 1 &&
	    SSL_CTX_set_max_proto_version(config->context, openssl_version(most)) == 1 ? 0 : NNG_ENOTSUP;
}

/* ---- registration ---- */

static nng_tls_engine_conn_ops conn_ops = {
	.size = sizeof(struct nng_tls_engine_conn), .init = conn_init, .fini = conn_fini, .close = conn_close,
	.handshake = conn_handshake, .recv = conn_recv, .send = conn_send, .verified = conn_verified,
};

static nng_tls_engine_config_ops config_ops = {
	.size = sizeof(struct nng_tls_engine_config), .init = config_init, .fini = config_fini, .server = config_server,
	.auth = config_auth, .ca_chain = config_ca_chain, .own_cert = config_own_cert, .version = config_version,
};

static const nng_tls_engine engine = {
	.version = NNG_TLS_ENGINE_VERSION, .config_ops = &config_ops, .conn_ops = &conn_ops,
	.name = "openssl", .description = "OpenSSL",
};

/* nng registers its own when it starts, so it is started first. */
static void
register_engine(void)
{
	nng_tls_config *any;

	if (nng_tls_config_alloc(&any, NNG_TLS_MODE_CLIENT) == 0)
		nng_tls_config_free(any);
	bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nng");
	if (bio_method && BIO_meth_set_read(bio_method, bio_read) == 1 &&
	    BIO_meth_set_write(bio_method, bio_write) == 1 && BIO_meth_set_ctrl(bio_method, bio_control) == 1)
		(void)nng_tls_engine_register(&engine);
}

struct status
rpc_tls_engine_use(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_engine);
	return strcmp(nng_tls_engine_name(), engine.name) == 0 ? STATUS_FINE :
	    status_make(STATUS_INTERNAL, "nng does not take a TLS engine");
}

unsigned
rpc_tls_engine_roles(struct nng_stream *stream)
{
	bool verified = false;

	asked_roles = 0;
	return nng_stream_get_bool(stream, NNG_OPT_TLS_VERIFIED, &verified) == 0 && verified ? asked_roles : 0;
}
