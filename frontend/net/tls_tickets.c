#include "frontend/net/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"
#include "frontend/net/file_mark.h"

enum {
	NAME_LEN = 16, MAC_LEN = 32, CIPHER_LEN = 32,
	KEY_LEN = NAME_LEN + MAC_LEN + CIPHER_LEN,
	KEYS_MAX = 16,
	FILE_MAX = 64 * 1024,
	OWN_KEYS = 2,				/* one to encrypt, and the one before */
	OWN_KEY_MS = 4 * 3600 * 1000,
};

/* In the file's order of bytes. */
struct ticket_keys {
	size_t count;
	struct one_key {
		unsigned char name[NAME_LEN], mac[MAC_LEN], cipher[CIPHER_LEN];
	} keys[KEYS_MAX];
};

struct tls_tickets {
	char *file;			/* NULL: keys of our own              */
	struct file_mark mark;		/* of the tending thread only         */
	int64_t made_at;		/* ... the newest of our own keys     */
	EVP_CIPHER *aes;
	pthread_rwlock_t lock;		/* protects `keys`                    */
	struct ticket_keys keys;
};

/* --- keys --------------------------------------------------------------------------- */

static const char *
key_parse(struct span line, struct one_key *out)
{
	unsigned char bytes[KEY_LEN];
	if (line.len != sizeof(bytes) * 2 || !hex_decode(line, bytes))
		return "is not what `openssl rand -hex 80` prints";
	memcpy(out->name, bytes, NAME_LEN);
	memcpy(out->mac, bytes + NAME_LEN, MAC_LEN);
	memcpy(out->cipher, bytes + NAME_LEN + MAC_LEN, CIPHER_LEN);
	secret_wipe(bytes, sizeof(bytes));
	return NULL;
}

/* What is wrong with the file, in *out_line; NULL: nothing. */
static const char *
keys_parse(struct span text, struct ticket_keys *out, size_t *out_line)
{
	*out_line = 0;
	while (text.at) {
		struct span line = span_trim(span_cut(&text, '\n'));
		++*out_line;
		if (!line.len || line.at[0] == '#')
			continue;
		if (out->count == KEYS_MAX)
			return "is one key too many";
		const char *problem = key_parse(line, &out->keys[out->count]);
		if (problem)
			return problem;
		out->count++;
	}
	return out->count ? NULL : "is the end, and there was no key";
}

static bool
keys_read(const char *file, struct ticket_keys *out)
{
	struct buf text;
	size_t line;
	const char *problem = NULL;
	buf_init(&text, FILE_MAX);
	buf_reserve(&text, FILE_MAX);	/* at once, lest growing leave copies behind */
	bool read = status_ok(io_read_path(file, FILE_MAX - 1, &text));
	if (read)
		problem = keys_parse(buf_view(&text), out, &line);
	if (problem)
		log_error("tls: line %zu of %s %s", line, file, problem);
	secret_wipe(text.at, text.room);
	buf_release(&text);
	return read && !problem;
}

static void
keys_replace(struct tls_tickets *t, const struct ticket_keys *fresh)
{
	pthread_rwlock_wrlock(&t->lock);
	t->keys = *fresh;
	pthread_rwlock_unlock(&t->lock);
}

/* A new first key of our own; the one before still decrypts. */
static void
keys_make(struct tls_tickets *t)
{
	struct ticket_keys fresh = { .count = t->keys.count ? OWN_KEYS : 1 };
	fresh.keys[1] = t->keys.keys[0];
	if (RAND_bytes((unsigned char *)&fresh.keys[0], sizeof(fresh.keys[0])) != 1)
		panic("no random bytes");
	keys_replace(t, &fresh);
	secret_wipe(&fresh, sizeof(fresh));
	t->made_at = clock_mono_ms();
}

/* --- life ------------------------------------------------------------------------------ */

static bool
tickets_read(struct tls_tickets *t)
{
	struct ticket_keys fresh = { 0 };
	bool good = keys_read(t->file, &fresh);
	if (good)
		keys_replace(t, &fresh);
	secret_wipe(&fresh, sizeof(fresh));
	return good;
}

struct status
tls_tickets_new(const char *file, struct tls_tickets **out)
{
	struct tls_tickets *t = MEM_NEW(struct tls_tickets);
	pthread_rwlock_init(&t->lock, NULL);
	t->aes = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	assert_that(t->aes);
	if (file && *file) {
		t->file = mem_strdup(file);
		t->mark = file_mark_of(file);
	}
	if (!t->file) {
		keys_make(t);
	} else if (!tickets_read(t)) {
		log_error("tls: TLS_TICKET_KEYS=%s cannot be used", file);
		tls_tickets_free(&t);
		return status_make(STATUS_INVALID, "The ticket keys cannot be used");
	}
	*out = t;
	return STATUS_FINE;
}

void
tls_tickets_free(struct tls_tickets **tp)
{
	struct tls_tickets *t = *tp;
	if (!t)
		return;
	*tp = NULL;
	EVP_CIPHER_free(t->aes);
	pthread_rwlock_destroy(&t->lock);
	free(t->file);
	secret_wipe(t, sizeof(*t));
	free(t);
}

void
tls_tickets_tend(struct tls_tickets *t, bool again)
{
	if (!t->file) {
		if (clock_mono_ms() - t->made_at >= OWN_KEY_MS)
			keys_make(t);
		return;
	}
	bool changed = file_mark_changed(&t->mark, t->file);
	if ((changed || again) && tickets_read(t))
		log_info("tls: ticket keys read from %s", t->file);
}

/* --- in a handshake ----------------------------------------------------------------------- */

static int tickets_index;

static void
make_index(void)
{
	tickets_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	assert_that(tickets_index >= 0);
}

/* The key of that name, or SIZE_MAX. */
static size_t
key_find(const struct ticket_keys *keys, const unsigned char *name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->keys[i].name, name, NAME_LEN) == 0)
			return i;
	return SIZE_MAX;
}

static bool
mac_begin(EVP_MAC_CTX *mac, const struct one_key *key)
{
	static char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, MAC_LEN),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int
ticket_encrypt(struct tls_tickets *t, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct one_key *key = &t->keys.keys[0];
	memcpy(name, key->name, NAME_LEN);
	if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(t->aes)) != 1
	    || EVP_EncryptInit_ex2(cipher, t->aes, key->cipher, iv, NULL) != 1 || !mac_begin(mac, key))
		return -1;
	return 1;
}

static int
ticket_decrypt(struct tls_tickets *t, const unsigned char *name, const unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	enum { NOT_OURS = 0, GOOD = 1, GOOD_BUT_RENEW = 2 };
	size_t at = key_find(&t->keys, name);
	if (at == SIZE_MAX)
		return NOT_OURS;
	const struct one_key *key = &t->keys.keys[at];
	if (EVP_DecryptInit_ex2(cipher, t->aes, key->cipher, iv, NULL) != 1 || !mac_begin(mac, key))
		return -1;
	return at == 0 ? GOOD : GOOD_BUT_RENEW;
}

/* As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it. */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
	struct tls_tickets *t = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tickets_index);
	pthread_rwlock_rdlock(&t->lock);
	int result = encrypt ? ticket_encrypt(t, name, iv, cipher, mac) : ticket_decrypt(t, name, iv, cipher, mac);
	pthread_rwlock_unlock(&t->lock);
	return result;
}

void
tls_tickets_use(struct tls_tickets *t, SSL_CTX *context)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_index);
	assert_that(SSL_CTX_set_ex_data(context, tickets_index, t) == 1);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}
