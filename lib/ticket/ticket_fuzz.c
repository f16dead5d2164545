/*
 * ticket_fuzz.c - whatever bytes come as a ticket: no crash, and never believed
 *
 * The verifier trusts a key that signed nothing the fuzzer has seen, so belief would
 * be a forgery.
 */
#include <stdlib.h>

#include <openssl/pem.h>
#include <unistd.h>

#include "base/log.h"
#include "base/panic.h"
#include "ticket/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ticket_verifier *
verifier_with_a_key(void)
{
	char file[] = "/tmp/ticket_fuzz.XXXXXX";
	int fd = mkstemp(file);
	FILE *f = fdopen(fd, "w");
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct ticket_verifier *v;

	assert_that(f && PEM_write_PUBKEY(f, pkey) == 1 && fclose(f) == 0);
	EVP_PKEY_free(pkey);
	assert_that(status_ok(ticket_verifier_open(file, &v)));
	unlink(file);
	return v;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ticket_verifier *v;
	const Posthouse__Ticket *t;
	struct arena a;

	if (!v) {
		log_set_level(LOG_LEVEL_ERROR);
		v = verifier_with_a_key();
	}
	arena_init(&a, 0);
	assert_that(!status_ok(ticket_verify(v, &a, span_of(data, size), 0, &t)));
	arena_release(&a);
	return 0;
}
