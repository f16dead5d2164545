/*
 * tls_subject - the account that a client's certificate is for (Courier's TLS_EXTERNAL)
 *
 * The setting names a field of the certificate's subject, "emailaddress" or "commonname" for example, in any case. For
 * an e-mail address its usual place today, the subject's alternative names, is looked at as well.
 */
#ifndef FRONTEND_NET_TLS_SUBJECT_H
#define FRONTEND_NET_TLS_SUBJECT_H

#include <openssl/ssl.h>

#include "base/status.h"

/* Is there such a field? */
bool tls_subject_field_known(const char *field);
/* The names that proxies pass on are common names: is that what `field` asks for? */
bool tls_subject_field_is_common_name(const char *field);
/*
 * What `field` of the certificate that the client has shown says, for the caller to free; NULL: it has shown none, none that
 * we trust, or one without the field, or with several, among which we do not choose.
 */
char *tls_subject_of(SSL *ssl, const char *field);

#endif
