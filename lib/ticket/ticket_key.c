/*
 * ticket_key.c - Ed25519 keys as files, and the names they go by
 */
#include "ticket/ticket_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/panic.h"

#define PUBLIC_LEN 32

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

/* On the heap: a ticket may be of any length. */
static void
labelled(struct buf *out, const char *label, struct span bytes)
{
	buf_init(out, 0);
	buf_add(out, label, strlen(label) + 1);
	buf_span(out, bytes);
}

bool
ticket_key_sign(const struct ticket_key *k, const char *label, struct span bytes,
    unsigned char out_signature[TICKET_SIGNATURE_LEN])
{
	size_t len = TICKET_SIGNATURE_LEN;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf whole;

	labelled(&whole, label, bytes);
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestSign(ctx, out_signature, &len, (const unsigned char *)whole.at, whole.len) == 1 &&
	    len == TICKET_SIGNATURE_LEN;
	buf_release(&whole);
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool
ticket_key_verify(const struct ticket_key *k, const char *label, struct span bytes, struct span signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf whole;

	labelled(&whole, label, bytes);
	bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestVerify(ctx, (const unsigned char *)signature.at, signature.len,
	    (const unsigned char *)whole.at, whole.len) == 1;
	buf_release(&whole);
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

/* ---- several ---- */

struct status
ticket_keys_read(const char *files, struct ticket_keys *out)
{
	struct ticket_keys all = { 0 };
	struct status st = STATUS_FINE;

	for (struct span rest = span_str(files ? files : ""); rest.at && status_ok(st);) {
		struct span file = span_trim(span_cut(&rest, ','));
		struct ticket_key key;
		if (!file.len)
			continue;
		char *path = mem_strndup(file.at, file.len);
		st = ticket_key_read_public(path, &key);
		free(path);
		if (status_ok(st))
			ticket_keys_add(&all, key);
	}
	if (status_ok(st))
		*out = all;
	else
		ticket_keys_release(&all);
	return st;
}

void
ticket_keys_add(struct ticket_keys *all, struct ticket_key take_key)
{
	MEM_GROW(all->keys, all->count, &all->room);
	all->keys[all->count++] = take_key;
}

const struct ticket_key *
ticket_keys_find(const struct ticket_keys *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->keys[i].id, id) == 0)
			return &all->keys[i];
	return NULL;
}

void
ticket_keys_release(struct ticket_keys *all)
{
	for (size_t i = 0; i < all->count; i++)
		ticket_key_release(&all->keys[i]);
	free(all->keys);
	*all = (struct ticket_keys){ 0 };
}
