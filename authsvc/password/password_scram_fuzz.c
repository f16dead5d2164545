/*
 * password_scram_fuzz.c - stored SCRAM keys, as a table of somebody else's may have them
 */
#include "authsvc/password/password_scram.h"

#include "base/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct password_scram s;
	struct arena a;

	arena_init(&a, 0);
	if (password_scram_read(&a, span_of(data, size), &s)) {
		size_t len = strcmp(s.digest, "SHA1") == 0 ? 20 : 32;
		assert_that(s.rounds > 0 && s.salt.len > 0);
		assert_that(s.stored_key.len == len && s.server_key.len == len);
	}
	arena_release(&a);
	return 0;
}
