/*
 * certificate - certificates for tests, made on the spot
 */
#ifndef FRONTEND_TESTING_CERTIFICATE_H
#define FRONTEND_TESTING_CERTIFICATE_H

#include <openssl/x509.h>

/* Self-signed for a day, P-256, with `name` as its common name and `alternative` ("DNS:a.test,email:a@b.test") unless that is NULL. */
X509 *certificate_new(const char *name, const char *alternative, EVP_PKEY **out_key);
/* The same for the host `name`, with its key in one PEM file. */
void certificate_write(const char *file, const char *name);

#endif
