/*
 * jwt_fuzz.c - whatever a client calls a token
 */
#include "authsvc/oauth/jwt.h"

#include "authsvc/oauth/claims.h"
#include "base/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct oauth_rules rules = {
		.issuer = "i", .audiences = "a b", .scopes = "s", .username = "email", .leeway_s = 30,
	};
	struct span token = span_of(data, size);
	struct arena a;
	struct jwt t;

	arena_init(&a, 0);
	if (jwt_parse(&a, token, &t)) {
		/* What was signed is the token's beginning, and the signature is shorter than its text. */
		assert_that(t.text.at == token.at && t.text.len < token.len && t.signature.len < token.len);
		claims_complaint(&rules, t.claims, true, 1700000000);
		assert_that(claims_username(&rules, t.claims) != NULL && claims_end(t.claims) >= 0);
		jwt_release(&t);
	}
	arena_release(&a);
	return 0;
}
