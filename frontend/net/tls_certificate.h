/*
 * tls_certificate - one certificate with its key, as files that may change
 *
 *	FILE		certificate and chain in PEM, and the key unless that is in a file of its own
 *	FILE.ocsp	what its authority says of it (DER), if it is there: sent along to clients
 *
 * Files that cannot be used leave what was there in use, and say so in the log, once. Functions that change it are
 * one thread's; that thread, or others under a lock, may look at `context` and its names meanwhile.
 */
#ifndef FRONTEND_NET_TLS_CERTIFICATE_H
#define FRONTEND_NET_TLS_CERTIFICATE_H

#include "base/span.h"
#include "frontend/net/tls_settings.h"

struct tls_certificate;

/* `key_file` NULL: the key is in `file`. `ocsp_file` NULL: FILE.ocsp. Nothing is read yet. */
struct tls_certificate *tls_certificate_new(const char *file, const char *key_file, const char *ocsp_file);
void tls_certificate_free(struct tls_certificate **c);

const char *tls_certificate_file(const struct tls_certificate *c);
/* One of its files has changed since it was last asked. The first time: yes. */
bool tls_certificate_changed(struct tls_certificate *c);
/* A context that shows it, from its files as they are now; NULL: not to be had. Give it to tls_certificate_use. */
SSL_CTX *tls_certificate_load(const struct tls_certificate *c, const struct tls_settings *settings);
/* From now on; the one before is returned and is to be freed. */
SSL_CTX *tls_certificate_use(struct tls_certificate *c, SSL_CTX *take_context);

/* NULL until the first tls_certificate_use. */
SSL_CTX *tls_certificate_context(const struct tls_certificate *c);
/* Is it for this host name, by its own words? Wildcards included. */
bool tls_certificate_is_for(const struct tls_certificate *c, struct span host);

#endif
