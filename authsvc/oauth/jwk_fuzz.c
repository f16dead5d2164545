/*
 * jwk_fuzz.c - whatever an issuer calls its keys
 */
#include "authsvc/oauth/jwk.h"

#include "base/log.h"
#include "base/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct jose_alg *alg = jose_alg_find(SPAN_LIT("ES256"));
	struct jwk_set set;

	log_set_level(LOG_LEVEL_ERROR);
	if (status_ok(jwk_set_parse(span_of(data, size), &set)))
		assert_that(set.count <= JWK_MOST);
	for (size_t i = 0; i < set.count; i++)
		if (jwk_may(&set.at[i], "ES256", alg, ""))
			assert_that(!jose_alg_verify(alg, set.at[i].key, SPAN_LIT("text"), span_of(data, size)));
	jwk_set_release(&set);
	return 0;
}
