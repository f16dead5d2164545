/*
 * tls_staple - what a certificate's authority says of it, sent along with it (OCSP stapling)
 *
 * The answer is in a file, in DER, as `openssl ocsp -respout FILE` or an ACME client writes it; fetching it is theirs.
 * One that is not about our certificate, or whose time has passed, is not sent, and the log says so.
 */
#ifndef FRONTEND_NET_TLS_STAPLE_H
#define FRONTEND_NET_TLS_STAPLE_H

#include <openssl/ssl.h>

/* For the certificate that `context` shows. No such file: nothing is sent. */
void tls_staple_use(SSL_CTX *context, const char *file);

#endif
