/*
 * tls_store - the certificate we show, and the settings of our TLS
 *
 * Any thread may take connections from it while another reloads: those that stand keep
 * what they were made with. A certificate that cannot be loaded leaves the
 * one before in use, and says so in the log.
 */
#ifndef FRONTEND_NET_TLS_STORE_H
#define FRONTEND_NET_TLS_STORE_H

#include <openssl/ssl.h>

#include "base/status.h"

struct tls_store;

/* PEM files; the key may be in the certificate's file (`key_file` NULL or empty). */
MUST_USE struct status tls_store_new(const char *cert_file, const char *key_file, struct tls_store **out);
void tls_store_free(struct tls_store **s);

/* Load the files again. */
void tls_store_reload(struct tls_store *s);
/* The same, if they have changed since they were last looked at. */
void tls_store_refresh(struct tls_store *s);

/* The server's side of a new connection over `fd`. */
SSL *tls_store_accept(struct tls_store *s, int fd);

#endif
