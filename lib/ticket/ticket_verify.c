/*
 * ticket_verify.c - the checking half, which everybody uses
 */
#include <stdlib.h>

#include <openssl/err.h>

#include "base/log.h"
#include "base/mem.h"
#include "ticket/ticket_memory.h"
#include "ticket/ticket_sign.h"

#define REMEMBERED 16384	/* tickets, some hundred bytes each */

struct ticket_verifier {
	struct ticket_key *keys;
	size_t count, room;
	struct ticket_memory *memory;
};

static void
add_key(struct ticket_verifier *v, struct ticket_key take_key)
{
	MEM_GROW(v->keys, v->count, &v->room);
	v->keys[v->count++] = take_key;
}

struct status
ticket_verifier_open(const char *key_files, struct ticket_verifier **out)
{
	struct ticket_verifier *v = MEM_NEW(struct ticket_verifier);
	struct status st = STATUS_FINE;
	struct arena a;

	arena_init(&a, 0);
	v->memory = ticket_memory_new(REMEMBERED);
	for (struct span rest = span_str(key_files); rest.at && status_ok(st);) {
		struct span file = span_trim(span_cut(&rest, ','));
		struct ticket_key key;
		if (!file.len)
			continue;
		st = ticket_key_read_public(arena_strndup(&a, file.at, file.len), &key);
		if (status_ok(st))
			add_key(v, key);
	}
	arena_release(&a);
	if (!status_ok(st))
		ticket_verifier_free(&v);
	else
		*out = v;
	return st;
}

void
ticket_verifier_free(struct ticket_verifier **v)
{
	if (!*v)
		return;
	for (size_t i = 0; i < (*v)->count; i++)
		ticket_key_release(&(*v)->keys[i]);
	free((*v)->keys);
	ticket_memory_free(&(*v)->memory);
	free(*v);
	*v = NULL;
}

void
ticket_verifier_trust(struct ticket_verifier *v, const struct ticket_signer *s)
{
	add_key(v, ticket_key_share(ticket_signer_key(s)));
}

static const struct ticket_key *
find_key(const struct ticket_verifier *v, const char *id)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->keys[i].id, id) == 0)
			return &v->keys[i];
	return NULL;
}

static bool
genuine(const struct ticket_key *key, struct span bytes, ProtobufCBinaryData signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	    EVP_DigestVerify(ctx, signature.data, signature.len,
	    (const unsigned char *)bytes.at, bytes.len) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

static struct status
check_signature(struct ticket_verifier *v, struct arena *a, struct span signed_ticket,
    const Posthouse__SignedTicket *whole)
{
	if (ticket_memory_knows(v->memory, signed_ticket))
		return STATUS_FINE;

	const struct ticket_key *key = find_key(v, whole->key_id);
	if (!key) {
		log_warn("a ticket was signed with the unknown key %s", whole->key_id);
		return status_make(STATUS_UNAUTHENTICATED, "Ticket not recognised");
	}
	struct span bytes = ticket_signed_bytes(a, span_of(whole->ticket.data, whole->ticket.len));
	if (!genuine(key, bytes, whole->signature)) {
		log_warn("a ticket's signature is wrong");
		return status_make(STATUS_UNAUTHENTICATED, "Ticket not genuine");
	}
	ticket_memory_add(v->memory, signed_ticket);
	return STATUS_FINE;
}

/* Messages unpacked into the caller's arena. */
static void *
arena_take(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void
arena_keep(void *arena, void *at)
{
	(void)arena, (void)at;
}

struct status
ticket_verify(struct ticket_verifier *v, struct arena *a, struct span signed_ticket, int64_t now_s,
    const Posthouse__Ticket **out)
{
	ProtobufCAllocator memory = { arena_take, arena_keep, a };
	Posthouse__SignedTicket *whole = posthouse__signed_ticket__unpack(&memory,
	    signed_ticket.len, (const uint8_t *)signed_ticket.at);

	if (!whole || signed_ticket.len == 0)
		return status_make(STATUS_UNAUTHENTICATED, "Ticket missing or malformed");
	struct status st = check_signature(v, a, signed_ticket, whole);
	if (!status_ok(st))
		return st;

	Posthouse__Ticket *ticket = posthouse__ticket__unpack(&memory, whole->ticket.len,
	    whole->ticket.data);
	if (!ticket)
		return status_make(STATUS_UNAUTHENTICATED, "Ticket malformed");
	if (now_s >= ticket->expires_at)
		return status_make(STATUS_UNAUTHENTICATED, "Session expired");
	*out = ticket;
	return STATUS_FINE;
}
