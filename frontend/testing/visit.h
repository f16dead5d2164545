/*
 * visit - a TLS handshake between a store of certificates and a client, in one thread
 *
 *	struct visit v = { .sni = "mail.example.test" };
 *	visit(store, &v);
 *	assert_true(v.done);
 *	SSL_SESSION_free(v.session);
 */
#ifndef FRONTEND_TESTING_VISIT_H
#define FRONTEND_TESTING_VISIT_H

#include "frontend/net/tls_store.h"

/* What a client brings, and what came of it. */
struct visit {
	const char *sni, *alpn;		/* alpn: "\4imap" */
	const char *local;		/* address it came to */
	int version;			/* 0: any */
	SSL_SESSION *session;		/* in and out */

	bool done, resumed;
	char shown[64];			/* common name of our certificate */
	char agreed[16];
};

void visit(struct tls_store *s, struct visit *v);

#endif
