#include "frontend/net/tls_certificate.h"

#include <openssl/x509v3.h>

#include "base/mem.h"
#include "frontend/net/file_mark.h"
#include "frontend/net/tls_staple.h"

enum { FILES = 3 };

struct tls_certificate {
	char *files[FILES];		/* certificate, key, OCSP */
	struct file_mark marks[FILES];
	bool looked_at;			/* marks are of files */
	SSL_CTX *context;
};

static char *
ocsp_beside(const char *file)
{
	size_t len = strlen(file) + sizeof(".ocsp");
	char *name = mem_alloc(len);
	snprintf(name, len, "%s.ocsp", file);
	return name;
}

struct tls_certificate *
tls_certificate_new(const char *file, const char *key_file, const char *ocsp_file)
{
	struct tls_certificate *c = MEM_NEW(struct tls_certificate);
	c->files[0] = mem_strdup(file);
	c->files[1] = mem_strdup(key_file ? key_file : file);
	c->files[2] = ocsp_file ? mem_strdup(ocsp_file) : ocsp_beside(file);
	return c;
}

void
tls_certificate_free(struct tls_certificate **cp)
{
	struct tls_certificate *c = *cp;
	if (!c)
		return;
	*cp = NULL;
	for (size_t i = 0; i < FILES; i++)
		free(c->files[i]);
	SSL_CTX_free(c->context);
	free(c);
}

const char *
tls_certificate_file(const struct tls_certificate *c)
{
	return c->files[0];
}

bool
tls_certificate_changed(struct tls_certificate *c)
{
	bool changed = !c->looked_at;
	c->looked_at = true;
	for (size_t i = 0; i < FILES; i++)
		changed |= file_mark_changed(&c->marks[i], c->files[i]);
	return changed;
}

SSL_CTX *
tls_certificate_load(const struct tls_certificate *c, const struct tls_settings *settings)
{
	SSL_CTX *context = tls_settings_context(settings);
	const char *doing = "loading the certificate", *file = c->files[0];
	if (!context)
		return NULL;
	if (SSL_CTX_use_certificate_chain_file(context, file) != 1)
		goto bad;
	doing = "loading the private key", file = c->files[1];
	if (SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1)
		goto bad;
	doing = "matching certificate and key of", file = c->files[0];
	if (SSL_CTX_check_private_key(context) != 1)
		goto bad;
	tls_staple_use(context, c->files[2]);
	return context;
bad:
	tls_log_errors(doing, file);
	SSL_CTX_free(context);
	return NULL;
}

SSL_CTX *
tls_certificate_use(struct tls_certificate *c, SSL_CTX *take_context)
{
	SSL_CTX *before = c->context;
	c->context = take_context;
	return before;
}

SSL_CTX *
tls_certificate_context(const struct tls_certificate *c)
{
	return c->context;
}

bool
tls_certificate_is_for(const struct tls_certificate *c, struct span host)
{
	X509 *cert = c->context ? SSL_CTX_get0_certificate(c->context) : NULL;
	return cert && host.len && X509_check_host(cert, host.at, host.len, 0, NULL) == 1;
}
