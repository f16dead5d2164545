/*
 * ticket_verify.c - the checking half, which everybody uses
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "ticket/ticket_arena.h"
#include "ticket/ticket_memory.h"
#include "ticket/ticket_sign.h"

#define REMEMBERED 16384	/* tickets, some hundred bytes each */

struct ticket_verifier {
	struct ticket_keys keys;
	struct ticket_memory *memory;
};

struct status
ticket_verifier_open(const char *key_files, struct ticket_verifier **out)
{
	struct ticket_keys keys;
	struct status st = ticket_keys_read(key_files, &keys);

	if (!status_ok(st))
		return st;
	*out = MEM_NEW(struct ticket_verifier);
	(*out)->keys = keys;
	(*out)->memory = ticket_memory_new(REMEMBERED);
	return STATUS_FINE;
}

void
ticket_verifier_free(struct ticket_verifier **v)
{
	if (!*v)
		return;
	ticket_keys_release(&(*v)->keys);
	ticket_memory_free(&(*v)->memory);
	free(*v);
	*v = NULL;
}

void
ticket_verifier_trust(struct ticket_verifier *v, const struct ticket_signer *s)
{
	ticket_keys_add(&v->keys, ticket_key_share(ticket_signer_key(s)));
}

static struct status
check_signature(struct ticket_verifier *v, struct span signed_ticket, const Posthouse__SignedTicket *whole)
{
	if (ticket_memory_knows(v->memory, signed_ticket))
		return STATUS_FINE;

	const struct ticket_key *key = ticket_keys_find(&v->keys, whole->key_id);
	if (!key) {
		log_warn("a ticket was signed with the unknown key %s", whole->key_id);
		return status_make(STATUS_UNAUTHENTICATED, "Ticket not recognised");
	}
	if (!ticket_key_verify(key, TICKET_LABEL, span_of(whole->ticket.data, whole->ticket.len),
	    span_of(whole->signature.data, whole->signature.len))) {
		log_warn("a ticket's signature is wrong");
		return status_make(STATUS_UNAUTHENTICATED, "Ticket not genuine");
	}
	ticket_memory_add(v->memory, signed_ticket);
	return STATUS_FINE;
}

struct status
ticket_verify(struct ticket_verifier *v, struct arena *a, struct span signed_ticket, int64_t now_s,
    const Posthouse__Ticket **out)
{
	ProtobufCAllocator memory = ticket_arena(a);
	Posthouse__SignedTicket *whole = posthouse__signed_ticket__unpack(&memory,
	    signed_ticket.len, (const uint8_t *)signed_ticket.at);

	if (!whole || signed_ticket.len == 0)
		return status_make(STATUS_UNAUTHENTICATED, "Ticket missing or malformed");
	struct status st = check_signature(v, signed_ticket, whole);
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
