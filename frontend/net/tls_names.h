/*
 * tls_names - which files TLS_CERTFILE and TLS_PRIVATE_KEYFILE stand for
 *
 * Both are lists. Beside a listed FILE there may be FILE.mail.example.test and FILE.192.0.2.1, for a host name
 * and an address of ours; the key of such a one is KEYFILE with the same ending, if that is there, else in the file itself.
 */
#ifndef FRONTEND_NET_TLS_NAMES_H
#define FRONTEND_NET_TLS_NAMES_H

#include "base/span.h"
#include "frontend/net/tls_settings.h"

enum { TLS_NAME_MAX = 256 };	/* a host name or an address, terminated */

/* `key_file` NULL: the key is in `file`. */
typedef void tls_names_listed_fn(void *arg, const char *file, const char *key_file);
/* `name`: a host name in lower case, or an address as inet_ntop(3) writes it. */
typedef void tls_names_beside_fn(void *arg, struct span name, const char *file, const char *key_file);

/* False: there is no certificate, or more keys than certificates. */
MUST_USE bool tls_names_listed(const struct tls_settings *settings, tls_names_listed_fn *found, void *arg);
/* All that are there now. */
void tls_names_beside(const struct tls_settings *settings, tls_names_beside_fn *found, void *arg);
bool tls_names_exists(const char *file);

/* A host name as one compares it; false: it is none. */
bool tls_name_fold(struct span host, char out[static TLS_NAME_MAX]);

#endif
