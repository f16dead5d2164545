/*
 * conn_binding.c - what of a TLS connection nobody else's connection has (RFC 5929, RFC 9266)
 *
 * Both ends can tell, and who stands between them cannot make it come out the same on both sides. For TLS 1.2 that is true
 * only with the extended master secret (RFC 7627); without it there is no binding.
 */
#include "frontend/net/conn_private.h"

#include "base/panic.h"

enum { EXPORTER_LEN = 32, FINISHED_LONGEST = 64 };

static const char label[] = "EXPORTER-Channel-Binding";

bool
conn_can_bind(const struct conn *c)
{
	return c->ssl && SSL_is_init_finished(c->ssl) &&
	    (SSL_version(c->ssl) >= TLS1_3_VERSION || SSL_get_extms_support(c->ssl) == 1);
}

struct span
conn_tls_exporter(const struct conn *c, struct arena *a)
{
	unsigned char bytes[EXPORTER_LEN];

	if (!conn_can_bind(c))
		return SPAN_LIT("");
	assert_that(SSL_export_keying_material(c->ssl, bytes, sizeof(bytes), label, sizeof(label) - 1,
	    (const unsigned char *)"", 0, 1) == 1);
	return arena_span(a, span_of(bytes, sizeof(bytes)));
}

/* The first Finished message of the handshake: the client's, or ours when the session was resumed. */
struct span
conn_tls_unique(const struct conn *c, struct arena *a)
{
	unsigned char bytes[FINISHED_LONGEST];

	if (!conn_can_bind(c) || SSL_version(c->ssl) != TLS1_2_VERSION)
		return SPAN_LIT("");
	size_t len = SSL_session_reused(c->ssl) ? SSL_get_finished(c->ssl, bytes, sizeof(bytes)) :
	    SSL_get_peer_finished(c->ssl, bytes, sizeof(bytes));
	return len ? arena_span(a, span_of(bytes, len)) : SPAN_LIT("");
}
