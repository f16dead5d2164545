#include "frontend/net/tls_store.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/net/tls_certificate.h"
#include "frontend/net/tls_names.h"
#include "frontend/net/tls_subject.h"
#include "frontend/net/tls_tickets.h"

struct tls_store {
	const struct tls_settings *settings;
	struct tls_tickets *tickets;
	/* Changed by the reloading thread only, and only under the lock; others look under the lock. */
	pthread_rwlock_t lock;
	struct tls_certificate **listed;
	size_t count, room;
	struct map named;		/* "mail.example.test", "192.0.2.1" to struct tls_certificate */
};

/* --- in a handshake -------------------------------------------------------------------- */

/* NULL: nothing for that name in particular. Under the lock. */
static SSL_CTX *
context_for_name(const struct tls_store *s, struct span host)
{
	char lower[TLS_NAME_MAX];
	if (!tls_name_fold(host, lower))
		return NULL;
	struct span name = span_str(lower);
	const struct tls_certificate *c = map_find(&s->named, name);
	if (c && tls_certificate_context(c))
		return tls_certificate_context(c);
	for (size_t i = 0; i < s->count; i++)
		if (tls_certificate_is_for(s->listed[i], name))
			return tls_certificate_context(s->listed[i]);
	return NULL;
}

/* Under the lock. */
static SSL_CTX *
context_for_address(const struct tls_store *s, const struct peer *peer)
{
	struct arena a;
	arena_init(&a, 0);
	const struct tls_certificate *c = s->named.count ? map_find(&s->named, span_str(peer_local_text(peer, &a))) : NULL;
	arena_release(&a);
	return c && tls_certificate_context(c) ? tls_certificate_context(c) : tls_certificate_context(s->listed[0]);
}

static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
	struct tls_store *s = arg;
	const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	(void)alert;
	if (!host)
		return SSL_TLSEXT_ERR_NOACK;
	pthread_rwlock_rdlock(&s->lock);
	SSL_CTX *context = context_for_name(s, span_str(host));
	if (context && context != SSL_get_SSL_CTX(ssl))
		SSL_set_SSL_CTX(ssl, context);
	pthread_rwlock_unlock(&s->lock);
	return context ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

/* A client that says what it wants to speak must want what we speak: it may have been sent here from elsewhere (RFC 7301, 3.2). */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len, void *arg)
{
	struct span ours = span_str(SSL_get_app_data(ssl));
	struct span rest = span_of(in, in_len);
	(void)arg;
	while (rest.len) {
		struct span one = span_head(span_skip(rest, 1), (unsigned char)rest.at[0]);
		if (span_eq(one, ours)) {
			*out = (const unsigned char *)one.at;
			*out_len = (unsigned char)one.len;
			return SSL_TLSEXT_ERR_OK;
		}
		rest = span_skip(rest, 1 + one.len);
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL *
tls_store_accept(struct tls_store *s, int fd, const char *protocol, const struct peer *peer)
{
	pthread_rwlock_rdlock(&s->lock);
	SSL *ssl = SSL_new(context_for_address(s, peer));
	pthread_rwlock_unlock(&s->lock);
	if (!ssl || SSL_set_fd(ssl, fd) != 1 || SSL_set_app_data(ssl, (void *)(uintptr_t)protocol) != 1)
		panic("tls: no memory for a connection");
	SSL_set_accept_state(ssl);
	return ssl;
}

char *
tls_store_client_name(const struct tls_store *s, SSL *ssl)
{
	return tls_setting_given(s->settings->external) ? tls_subject_of(ssl, s->settings->external) : NULL;
}

/* --- loading ------------------------------------------------------------------------------ */

static SSL_CTX *
context_load(struct tls_store *s, struct tls_certificate *c)
{
	SSL_CTX *context = tls_certificate_load(c, s->settings);
	if (!context)
		return NULL;
	tls_tickets_use(s->tickets, context);
	SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(context, s);
	SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
	return context;
}

static void
certificate_renew(struct tls_store *s, struct tls_certificate *c)
{
	SSL_CTX *fresh = context_load(s, c);
	if (!fresh)
		return;
	pthread_rwlock_wrlock(&s->lock);
	SSL_CTX *old = tls_certificate_use(c, fresh);
	pthread_rwlock_unlock(&s->lock);
	SSL_CTX_free(old);
	log_info("tls: certificate loaded from %s", tls_certificate_file(c));
}

static void
certificate_look(struct tls_store *s, struct tls_certificate *c, bool again)
{
	if (tls_certificate_changed(c) || again)
		certificate_renew(s, c);
}

static void
named_put(struct tls_store *s, struct span name, struct tls_certificate *take_certificate)
{
	pthread_rwlock_wrlock(&s->lock);
	struct tls_certificate *before = map_put(&s->named, name, take_certificate);
	pthread_rwlock_unlock(&s->lock);
	tls_certificate_free(&before);
}

static void
named_remove(struct tls_store *s, struct span name)
{
	pthread_rwlock_wrlock(&s->lock);
	struct tls_certificate *c = map_remove(&s->named, name);
	pthread_rwlock_unlock(&s->lock);
	log_info("tls: %s has gone", tls_certificate_file(c));
	tls_certificate_free(&c);
}

struct looking {
	struct tls_store *store;
	bool again;
};

static void
named_found(void *arg, struct span name, const char *file, const char *key_file)
{
	struct looking *l = arg;
	struct tls_certificate *c = map_find(&l->store->named, name);
	if (c && strcmp(tls_certificate_file(c), file) != 0)
		return;		/* the one beside an earlier file of the list prevails */
	if (!c) {
		c = tls_certificate_new(file, key_file, NULL);
		named_put(l->store, name, c);
	}
	certificate_look(l->store, c, l->again);
}

static void
look(struct tls_store *s, bool again)
{
	struct looking l = { s, again };
	struct tls_certificate *c;
	struct span name;
	tls_tickets_tend(s->tickets, again);
	for (size_t at = 0; (c = map_next(&s->named, &at, &name)); )
		if (!tls_names_exists(tls_certificate_file(c)))
			named_remove(s, name);
	for (size_t i = 0; i < s->count; i++)
		certificate_look(s, s->listed[i], again);
	tls_names_beside(s->settings, named_found, &l);
}

void
tls_store_reload(struct tls_store *s)
{
	look(s, true);
}

void
tls_store_refresh(struct tls_store *s)
{
	look(s, false);
}

/* --- life ------------------------------------------------------------------------------------ */

static void
listed_found(void *arg, const char *file, const char *key_file)
{
	struct tls_store *s = arg;
	const char *ocsp = s->count == 0 && tls_setting_given(s->settings->ocsp_file) ? s->settings->ocsp_file : NULL;
	MEM_GROW(s->listed, s->count, &s->room);
	s->listed[s->count++] = tls_certificate_new(file, key_file, ocsp);
}

static bool
store_is_complete(const struct tls_store *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!tls_certificate_context(s->listed[i]))
			return false;
	return s->count > 0;
}

struct status
tls_store_new(const struct tls_settings *settings, struct tls_store **out)
{
	struct tls_store *s = MEM_NEW(struct tls_store);
	struct status status = status_make(STATUS_INVALID, "TLS cannot be set up");
	s->settings = settings;
	pthread_rwlock_init(&s->lock, NULL);
	map_init(&s->named);
	if (!status_ok(tls_tickets_new(settings->ticket_keys, &s->tickets)))
		goto bad;
	if (!tls_names_listed(settings, listed_found, s)) {
		log_error("TLS_CERTFILE has no file, or fewer than TLS_PRIVATE_KEYFILE");
		goto bad;
	}
	look(s, false);
	if (!store_is_complete(s))
		goto bad;
	*out = s;
	return STATUS_FINE;
bad:
	tls_store_free(&s);
	return status;
}

void
tls_store_free(struct tls_store **sp)
{
	struct tls_store *s = *sp;
	if (!s)
		return;
	*sp = NULL;
	struct tls_certificate *c;
	for (size_t at = 0; (c = map_next(&s->named, &at, NULL)); )
		tls_certificate_free(&c);
	for (size_t i = 0; i < s->count; i++)
		tls_certificate_free(&s->listed[i]);
	map_release(&s->named);
	tls_tickets_free(&s->tickets);
	pthread_rwlock_destroy(&s->lock);
	free(s->listed);
	free(s);
}
