/*
 * ticket_sign.c - the signing half, which only authsvc uses
 */
#include "ticket/ticket_sign.h"

#include <stdlib.h>

#include <openssl/hmac.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"

struct ticket_signer {
	struct ticket_key key;
};

struct status
ticket_signer_open(const char *key_file, struct ticket_signer **out)
{
	struct ticket_key key;
	struct status st = ticket_key_read_private(key_file, &key);

	if (!status_ok(st))
		return st;
	*out = MEM_NEW(struct ticket_signer);
	(*out)->key = key;
	return STATUS_FINE;
}

void
ticket_signer_free(struct ticket_signer **s)
{
	if (!*s)
		return;
	ticket_key_release(&(*s)->key);
	free(*s);
	*s = NULL;
}

const struct ticket_key *
ticket_signer_key(const struct ticket_signer *s)
{
	return &s->key;
}

void
ticket_signer_derive(const struct ticket_signer *s, const char *label, unsigned char out[32])
{
	unsigned char raw[32];
	size_t len = sizeof(raw);

	assert_that(EVP_PKEY_get_raw_private_key(s->key.pkey, raw, &len) == 1 && len == sizeof(raw));
	assert_that(HMAC(EVP_sha256(), raw, sizeof(raw), (const unsigned char *)label, strlen(label), out, NULL));
	secret_wipe(raw, sizeof(raw));
}

struct status
ticket_sign(struct ticket_signer *s, struct arena *a, const Posthouse__Ticket *ticket,
    struct span *out)
{
	Posthouse__SignedTicket whole = POSTHOUSE__SIGNED_TICKET__INIT;
	unsigned char signature[TICKET_SIGNATURE_LEN];
	size_t len = posthouse__ticket__get_packed_size(ticket);
	uint8_t *packed = arena_bytes(a, len);

	posthouse__ticket__pack(ticket, packed);
	if (!ticket_key_sign(&s->key, TICKET_LABEL, span_of(packed, len), signature)) {
		log_error("cannot sign a ticket for %s", ticket->account);
		return status_make(STATUS_INTERNAL, "Cannot sign");
	}
	whole.ticket = (ProtobufCBinaryData){ len, packed };
	whole.signature = (ProtobufCBinaryData){ sizeof(signature), signature };
	whole.key_id = s->key.id;

	size_t size = posthouse__signed_ticket__get_packed_size(&whole);
	uint8_t *bytes = arena_bytes(a, size);
	posthouse__signed_ticket__pack(&whole, bytes);
	*out = span_of(bytes, size);
	return STATUS_FINE;
}
