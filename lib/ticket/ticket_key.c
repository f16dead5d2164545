/*
 * ticket_key.c - Ed25519 keys as files, and the names they go by
 */
#include "ticket/ticket_key.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/panic.h"

#define PUBLIC_LEN 32

static const char label[] = "posthouse-ticket-1";

static bool
name_key(struct ticket_key *k)
{
	unsigned char public[PUBLIC_LEN], digest[EVP_MAX_MD_SIZE];
	size_t len = sizeof(public);

	if (EVP_PKEY_get_id(k->pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(k->pkey, public, &len) != 1 || len != sizeof(public) ||
	    EVP_Digest(public, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return false;
	hex_encode(span_of(digest, TICKET_KEY_ID_LEN / 2), k->id);
	k->id[TICKET_KEY_ID_LEN] = '\0';
	return true;
}

/* Keys have no passphrase: a service that starts alone has nobody to ask. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return -1;
}

typedef EVP_PKEY *pem_reader(FILE *, EVP_PKEY **, pem_password_cb *, void *);

static struct status
read_key(const char *file, pem_reader *read_pem, const char *kind, struct ticket_key *out)
{
	struct ticket_key k = { 0 };
	FILE *f = fopen(file, "re");

	if (!f) {
		log_error("cannot open the %s key %s: %s", kind, file, strerror(errno));
		return status_make(STATUS_UNAVAILABLE, "Ticket key not readable");
	}
	k.pkey = read_pem(f, NULL, no_passphrase, NULL);
	fclose(f);
	ERR_clear_error();
	if (!k.pkey || !name_key(&k)) {
		log_error("%s is not an Ed25519 %s key in PEM form", file, kind);
		ticket_key_release(&k);
		return status_make(STATUS_INVALID, "Ticket key not usable");
	}
	*out = k;
	return STATUS_FINE;
}

struct status
ticket_key_read_private(const char *file, struct ticket_key *out)
{
	return read_key(file, PEM_read_PrivateKey, "private", out);
}

struct status
ticket_key_read_public(const char *file, struct ticket_key *out)
{
	return read_key(file, PEM_read_PUBKEY, "public", out);
}

struct ticket_key
ticket_key_share(const struct ticket_key *k)
{
	if (EVP_PKEY_up_ref(k->pkey) != 1)
		panic("cannot share a key");
	return *k;
}

void
ticket_key_release(struct ticket_key *k)
{
	EVP_PKEY_free(k->pkey);
	*k = (struct ticket_key){ 0 };
}

struct span
ticket_signed_bytes(struct arena *a, struct span ticket)
{
	char *bytes = arena_bytes(a, sizeof(label) + ticket.len);

	memcpy(bytes, label, sizeof(label));	/* its NUL is part of it */
	if (ticket.len)
		memcpy(bytes + sizeof(label), ticket.at, ticket.len);
	return span_of(bytes, sizeof(label) + ticket.len);
}
