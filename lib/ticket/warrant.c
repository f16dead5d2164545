/*
 * warrant.c - an operator's order, good for one call to one process
 *
 * Nonces are remembered in two halves: after a quarter of an hour the older one is forgotten, which
 * is long after every warrant in it has ended.
 */
#include "ticket/warrant.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "ticket/ticket_arena.h"
#include "ticket/ticket_sign.h"

enum {
	LIFETIME_S = 60,
	SKEW_S = 300,			/* how far an operator's clock may be from ours */
	FORGET_S = 900,
	NONCE_LEN = 16,
	DIGEST_LEN = 32,
	REMEMBERED = 100000,		/* nonces; nobody orders more in FORGET_S */
};

struct warrant_gate {
	struct ticket_keys keys;
	char *role, *instance;
	pthread_mutex_t lock;		/* of what follows */
	struct map used, used_before;
	int64_t begun_s;		/* when `used` was begun */
};

static bool
digest_of(struct span message, unsigned char out[DIGEST_LEN])
{
	return EVP_Digest(message.at ? message.at : "", message.len, out, NULL, EVP_sha256(), NULL) == 1;
}

/* ---- giving ---- */

static void
pack_signed(struct arena *a, const struct ticket_key *key, struct span warrant, unsigned char *signature,
    struct span *out)
{
	Posthouse__SignedWarrant whole = POSTHOUSE__SIGNED_WARRANT__INIT;

	whole.warrant = (ProtobufCBinaryData){ warrant.len, (uint8_t *)(uintptr_t)warrant.at };
	whole.signature = (ProtobufCBinaryData){ TICKET_SIGNATURE_LEN, signature };
	whole.key_id = (char *)(uintptr_t)key->id;
	size_t size = posthouse__signed_warrant__get_packed_size(&whole);
	uint8_t *bytes = arena_bytes(a, size);
	posthouse__signed_warrant__pack(&whole, bytes);
	*out = span_of(bytes, size);
}

struct status
warrant_sign(const struct ticket_signer *s, struct arena *a, const struct warrant_order *order,
    int64_t now_s, struct span *out)
{
	Posthouse__Warrant w = POSTHOUSE__WARRANT__INIT;
	unsigned char nonce[NONCE_LEN], digest[DIGEST_LEN], signature[TICKET_SIGNATURE_LEN];
	const struct ticket_key *key = ticket_signer_key(s);

	if (RAND_bytes(nonce, sizeof(nonce)) != 1 || !digest_of(order->message, digest))
		return status_make(STATUS_INTERNAL, "Cannot sign");
	w.service = (char *)(uintptr_t)order->service;
	w.method = (char *)(uintptr_t)order->method;
	w.role = (char *)(uintptr_t)order->role;
	w.instance = (char *)(uintptr_t)order->instance;
	w.digest = (ProtobufCBinaryData){ sizeof(digest), digest };
	w.nonce = (ProtobufCBinaryData){ sizeof(nonce), nonce };
	w.issued_at = now_s;
	w.expires_at = now_s + LIFETIME_S;
	w.operator_ = (char *)(uintptr_t)(order->by ? order->by : "");
	size_t len = posthouse__warrant__get_packed_size(&w);
	uint8_t *packed = arena_bytes(a, len);
	posthouse__warrant__pack(&w, packed);
	if (!ticket_key_sign(key, WARRANT_LABEL, span_of(packed, len), signature))
		return status_make(STATUS_INTERNAL, "Cannot sign");
	pack_signed(a, key, span_of(packed, len), signature, out);
	return STATUS_FINE;
}

/* ---- obeying ---- */

struct status
warrant_gate_open(const char *key_files, const char *role, const char *instance, struct warrant_gate **out)
{
	struct ticket_keys keys;
	struct status st = ticket_keys_read(key_files, &keys);

	if (!status_ok(st))
		return st;
	*out = MEM_NEW(struct warrant_gate);
	(*out)->keys = keys;
	(*out)->role = mem_strdup(role);
	(*out)->instance = mem_strdup(instance);
	pthread_mutex_init(&(*out)->lock, NULL);
	map_init(&(*out)->used);
	map_init(&(*out)->used_before);
	return STATUS_FINE;
}

void
warrant_gate_free(struct warrant_gate **where)
{
	struct warrant_gate *g = *where;

	if (!g)
		return;
	*where = NULL;
	ticket_keys_release(&g->keys);
	map_release(&g->used);
	map_release(&g->used_before);
	pthread_mutex_destroy(&g->lock);
	free(g->role);
	free(g->instance);
	free(g);
}

static struct status
refused(const char *why)
{
	log_warn("an operator's order is refused: %s", why);
	return status_make(STATUS_UNAUTHENTICATED, why);
}

static struct status
check_signature(const struct warrant_gate *g, const Posthouse__SignedWarrant *whole)
{
	const struct ticket_key *key = ticket_keys_find(&g->keys, whole->key_id);

	if (!key)
		return refused("The operator's key is not one of ADMIN_PUBLIC_KEYS");
	if (!ticket_key_verify(key, WARRANT_LABEL, span_of(whole->warrant.data, whole->warrant.len),
	    span_of(whole->signature.data, whole->signature.len)))
		return refused("The warrant is not genuine");
	return STATUS_FINE;
}

static struct status
check_order(const struct warrant_gate *g, const Posthouse__Warrant *w, const struct warrant_order *order,
    int64_t now_s)
{
	unsigned char digest[DIGEST_LEN];

	if (strcmp(w->service, order->service) != 0 || strcmp(w->method, order->method) != 0 ||
	    strcmp(w->role, g->role) != 0 || !digest_of(order->message, digest) ||
	    !span_eq(span_of(w->digest.data, w->digest.len), span_of(digest, sizeof(digest))))
		return refused("The warrant is for something else");
	if (strcmp(w->instance, g->instance) != 0)
		return status_make(STATUS_UNAVAILABLE, "The order was for another process, which was here before");
	if (w->issued_at > now_s + SKEW_S || w->expires_at > w->issued_at + LIFETIME_S ||
	    w->expires_at < now_s - SKEW_S)
		return refused("The warrant's time is over, or clocks differ by more than five minutes");
	return STATUS_FINE;
}

/* Lock held. */
static void
forget_old(struct warrant_gate *g, int64_t now_s)
{
	if (now_s - g->begun_s < FORGET_S && now_s >= g->begun_s)
		return;
	map_release(&g->used_before);
	g->used_before = g->used;
	map_init(&g->used);
	g->begun_s = now_s;
}

/* Obeyed once, also when it comes to two threads at the same time. */
static struct status
use_up(struct warrant_gate *g, const Posthouse__Warrant *w, int64_t now_s)
{
	struct span nonce = span_of(w->nonce.data, w->nonce.len);

	if (nonce.len != NONCE_LEN)
		return refused("The warrant is malformed");
	pthread_mutex_lock(&g->lock);
	forget_old(g, now_s);
	bool full = g->used.count >= REMEMBERED;
	bool used = map_find(&g->used, nonce) || map_find(&g->used_before, nonce);
	if (!full && !used)
		(void)map_put(&g->used, nonce, g);
	pthread_mutex_unlock(&g->lock);
	if (used)
		return refused("The warrant has been used");
	return full ? status_make(STATUS_EXHAUSTED, "Too many orders, try again later") : STATUS_FINE;
}

struct status
warrant_gate_check(struct warrant_gate *g, struct arena *a, struct span signed_warrant,
    const struct warrant_order *order, int64_t now_s, const Posthouse__Warrant **out)
{
	ProtobufCAllocator memory = ticket_arena(a);

	if (g->keys.count == 0)
		return status_make(STATUS_DENIED, "ADMIN_PUBLIC_KEYS is not set");
	Posthouse__SignedWarrant *whole = posthouse__signed_warrant__unpack(&memory, signed_warrant.len,
	    (const uint8_t *)signed_warrant.at);
	if (!whole || signed_warrant.len == 0)
		return refused("An operator's warrant is needed");
	struct status st = check_signature(g, whole);
	if (!status_ok(st))
		return st;
	Posthouse__Warrant *w = posthouse__warrant__unpack(&memory, whole->warrant.len, whole->warrant.data);
	if (!w)
		return refused("The warrant is malformed");
	st = check_order(g, w, order, now_s);
	if (status_ok(st))
		st = use_up(g, w, now_s);
	if (status_ok(st))
		*out = w;
	return st;
}
