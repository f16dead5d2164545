#include "frontend/net/tls_store.h"

#include <openssl/err.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"

/* Enough to notice that a file is another one or has been written. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct tls_store {
	char *cert_file, *key_file;
	struct file_mark marks[2];	/* of the reloading thread only   */
	pthread_mutex_t lock;		/* protects `context`             */
	SSL_CTX *context;
};

static void
log_tls_errors(const char *doing, const char *file)
{
	char text[256];
	unsigned long code = ERR_get_error();
	ERR_error_string_n(code, text, sizeof(text));
	ERR_clear_error();
	log_error("tls: %s %s failed: %s", doing, file, code ? text : "no reason given");
}

/*
 * What an idle connection costs is decided here: RELEASE_BUFFERS gives the 16 KiB record
 * buffers back between records, the session cache is off and one stateless
 * ticket is sent instead. Reading ahead makes a record one read(2), not two.
 */
static void
context_settings(SSL_CTX *context)
{
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
	    | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
	    | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_read_ahead(context, 1);
}

static SSL_CTX *
context_load(const char *cert_file, const char *key_file)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	if (!context)
		panic("tls: no context");
	context_settings(context);
	const char *doing = "loading the certificate", *file = cert_file;
	if (SSL_CTX_use_certificate_chain_file(context, cert_file) != 1)
		goto bad;
	doing = "loading the private key";
	file = key_file;
	if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1)
		goto bad;
	doing = "matching certificate and key of";
	if (SSL_CTX_check_private_key(context) != 1)
		goto bad;
	return context;
bad:
	log_tls_errors(doing, file);
	SSL_CTX_free(context);
	return NULL;
}

static struct file_mark
file_mark(const char *file)
{
	struct stat st;
	if (stat(file, &st) < 0)
		return (struct file_mark){ 0 };
	return (struct file_mark){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
}

static bool
file_mark_eq(const struct file_mark *a, const struct file_mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size
	    && a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

struct status
tls_store_new(const char *cert_file, const char *key_file, struct tls_store **out)
{
	if (!key_file || !*key_file)
		key_file = cert_file;
	struct file_mark marks[2] = { file_mark(cert_file), file_mark(key_file) };
	SSL_CTX *context = context_load(cert_file, key_file);
	if (!context)
		return status_make(STATUS_INVALID, "The TLS certificate cannot be loaded");
	struct tls_store *s = MEM_NEW(struct tls_store);
	s->cert_file = mem_strdup(cert_file);
	s->key_file = mem_strdup(key_file);
	s->marks[0] = marks[0];
	s->marks[1] = marks[1];
	s->context = context;
	pthread_mutex_init(&s->lock, NULL);
	*out = s;
	return STATUS_FINE;
}

void
tls_store_free(struct tls_store **sp)
{
	struct tls_store *s = *sp;
	if (!s)
		return;
	*sp = NULL;
	SSL_CTX_free(s->context);
	pthread_mutex_destroy(&s->lock);
	free(s->cert_file);
	free(s->key_file);
	free(s);
}

void
tls_store_reload(struct tls_store *s)
{
	s->marks[0] = file_mark(s->cert_file);
	s->marks[1] = file_mark(s->key_file);
	SSL_CTX *fresh = context_load(s->cert_file, s->key_file);
	if (!fresh)
		return;
	pthread_mutex_lock(&s->lock);
	SSL_CTX *old = s->context;
	s->context = fresh;
	pthread_mutex_unlock(&s->lock);
	SSL_CTX_free(old);
	log_info("tls: certificate loaded from %s", s->cert_file);
}

void
tls_store_refresh(struct tls_store *s)
{
	struct file_mark cert = file_mark(s->cert_file), key = file_mark(s->key_file);
	if (!file_mark_eq(&cert, &s->marks[0]) || !file_mark_eq(&key, &s->marks[1]))
		tls_store_reload(s);
}

SSL *
tls_store_accept(struct tls_store *s, int fd)
{
	pthread_mutex_lock(&s->lock);
	SSL *ssl = SSL_new(s->context);
	pthread_mutex_unlock(&s->lock);
	if (!ssl || SSL_set_fd(ssl, fd) != 1)
		panic("tls: no memory for a connection");
	SSL_set_accept_state(ssl);
	return ssl;
}
