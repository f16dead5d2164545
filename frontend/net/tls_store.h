/*
 * tls_store - the certificates we show, and which of them to whom
 *
 *	TLS_CERTFILE=a.pem,b.pem	the first is for everybody, the others for the host names they are made out to
 *	a.pem.mail.example.test		beside a listed file: for clients that ask for that host name (SNI)
 *	a.pem.192.0.2.1			... for those that connect to that address of ours
 *
 * Asked for a name, the file of that name prevails, then a listed certificate for it; otherwise the file of
 * the local address, then the first of the list.
 *
 * Any thread may take connections from it while one thread reloads: those that stand keep
 * what they were made with. A certificate that cannot be loaded leaves the
 * one before in use, and says so in the log.
 */
#ifndef FRONTEND_NET_TLS_STORE_H
#define FRONTEND_NET_TLS_STORE_H

#include "frontend/net/peer.h"
#include "frontend/net/tls_settings.h"

struct tls_store;

/* `settings` is borrowed. INVALID (logged): something cannot be used. */
MUST_USE struct status tls_store_new(const struct tls_settings *settings, struct tls_store **out);
void tls_store_free(struct tls_store **s);

/* Load all files again. */
void tls_store_reload(struct tls_store *s);
/* Those that have changed since they were last looked at, or come, or gone. */
void tls_store_refresh(struct tls_store *s);

/* The server's side of a new connection over `fd`. `protocol`, "imap", is what a client may ask for with ALPN; kept by reference. */
SSL *tls_store_accept(struct tls_store *s, int fd, const char *protocol, const struct peer *peer);

/* After the handshake: whom the client's certificate names (TLS_EXTERNAL), for the caller to free; NULL: nobody. */
char *tls_store_client_name(const struct tls_store *s, SSL *ssl);

#endif
