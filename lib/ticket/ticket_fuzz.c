/*
 * ticket_fuzz.c - whatever bytes come as a ticket or a warrant: no crash, and never believed
 *
 * Both are checked with a key that signed nothing the fuzzer has seen, so belief would
 * be a forgery.
 */
#include <stdlib.h>

#include <openssl/pem.h>
#include <unistd.h>

#include "base/log.h"
#include "base/panic.h"
#include "ticket/warrant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ticket_verifier *verifier;
static struct warrant_gate *gate;

static void
open_both(void)
{
	char file[] = "/tmp/ticket_fuzz.XXXXXX";
	int fd = mkstemp(file);
	FILE *f = fdopen(fd, "w");
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	assert_that(f && PEM_write_PUBKEY(f, pkey) == 1 && fclose(f) == 0);
	EVP_PKEY_free(pkey);
	assert_that(status_ok(ticket_verifier_open(file, &verifier)));
	assert_that(status_ok(warrant_gate_open(file, "role", "instance", &gate)));
	unlink(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct warrant_order order = { .service = "s", .method = "m" };
	const Posthouse__Ticket *t;
	const Posthouse__Warrant *w;
	struct arena a;

	if (!verifier) {
		log_set_level(LOG_LEVEL_ERROR);
		open_both();
	}
	arena_init(&a, 0);
	assert_that(!status_ok(ticket_verify(verifier, &a, span_of(data, size), 0, &t)));
	assert_that(!status_ok(warrant_gate_check(gate, &a, span_of(data, size), &order, 0, &w)));
	arena_release(&a);
	return 0;
}
