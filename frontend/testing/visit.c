#include "frontend/testing/visit.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/panic.h"

static void
client_prepare(SSL *client, const struct visit *v)
{
	SSL_set_connect_state(client);
	if (v->sni)
		SSL_set_tlsext_host_name(client, v->sni);
	if (v->alpn)
		SSL_set_alpn_protos(client, (const unsigned char *)v->alpn, (unsigned)strlen(v->alpn));
	if (v->version)
		SSL_set_max_proto_version(client, v->version);
	if (v->session)
		SSL_set_session(client, v->session);
}

static void
client_learn(SSL *client, struct visit *v)
{
	const unsigned char *alpn;
	unsigned len;
	X509 *cert = SSL_get0_peer_certificate(client);
	SSL_get0_alpn_selected(client, &alpn, &len);
	snprintf(v->agreed, sizeof(v->agreed), "%.*s", (int)len, alpn ? (const char *)alpn : "");
	if (cert)
		X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, v->shown, sizeof(v->shown));
	v->resumed = SSL_session_reused(client);
	SSL_SESSION_free(v->session);
	v->session = SSL_get1_session(client);
}

void
visit(struct tls_store *s, struct visit *v)
{
	int ends[2];
	char byte;
	struct peer peer = { 0 };
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	assert_that(inet_pton(AF_INET6, v->local ? v->local : "::ffff:192.0.2.9", &peer.local) == 1);
	assert_that(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	SSL *server = tls_store_accept(s, ends[0], "imap", &peer), *client = SSL_new(context);
	SSL_set_fd(client, ends[1]);
	client_prepare(client, v);
	for (int i = 0; i < 10; i++) {
		int ours = SSL_do_handshake(server), theirs = SSL_do_handshake(client);
		v->done = ours == 1 && theirs == 1;
	}
	ERR_clear_error();
	if (v->done) {
		(void)SSL_write(server, "x", 1);	/* tickets of TLS 1.3 come before it */
		(void)SSL_read(client, &byte, 1);
		client_learn(client, v);
		SSL_shutdown(client);
	}
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(context);
	close(ends[0]);
	close(ends[1]);
}
