/*
 * tls_settings - what an operator decides about TLS, under the names that Courier gave
 *
 * An SSL_CTX made here obeys them all and costs an idle connection as little as can be;
 * certificates, tickets and names are added by others.
 */
#ifndef FRONTEND_NET_TLS_SETTINGS_H
#define FRONTEND_NET_TLS_SETTINGS_H

#include <openssl/ssl.h>

#include "base/status.h"

enum tls_verify { TLS_VERIFY_NONE, TLS_VERIFY_PEER, TLS_VERIFY_REQUIREPEER };

/* A setting that is NULL or "" is not set. */
struct tls_settings {
	char *certfile, *private_keyfile;	/* lists */
	char *ocsp_file, *ticket_keys;
	char *protocol;				/* "TLSv1.2": that or later, "TLSv1.2++" */
	char *cipher_list, *ciphersuites, *groups;
	char *trustcerts;
	char *external;
	int verifypeer;				/* enum tls_verify */
};

static inline bool
tls_setting_given(const char *setting)
{
	return setting && *setting;
}

/* NULL: one of them cannot be obeyed, and the log says which. */
SSL_CTX *tls_settings_context(const struct tls_settings *settings);

/* Log why OpenSSL could not do something, and forget it. */
void tls_log_errors(const char *doing, const char *with);

#endif
