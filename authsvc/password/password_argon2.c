/*
 * password_argon2.c - Argon2 (RFC 9106), by its reference library
 */
#include "authsvc/password/password_argon2.h"

#include <argon2.h>
#include <openssl/rand.h>

#include "authsvc/password/password_scheme.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"

/* 19 MiB twice, on one core: what OWASP's advice has at least. Every worker thread may be at it at once. */
#define MEMORY_KIB 19456
#define PASSES 2
#define SALT 16			/* bytes */
#define HASH 32

/* Beyond these a stored form is an attack on us. */
#define MOST_MEMORY_KIB (1 << 20)
#define MOST_PASSES 1000
#define MOST_LANES 64

static const struct { const char *prefix; argon2_type type; } types[] = {
	{ "$argon2id$", Argon2_id }, { "$argon2i$", Argon2_i }, { "$argon2d$", Argon2_d },
};

/* "m=64,t=1,p=1" */
static bool
bearable(struct span text)
{
	static const struct { const char *name; uint64_t most; } limits[] = {
		{ "m=", MOST_MEMORY_KIB }, { "t=", MOST_PASSES }, { "p=", MOST_LANES },
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct span part = span_cut(&text, ',');
		if (!span_starts(part, span_str(limits[i].name)) ||
		    !span_number(span_skip(part, 2), limits[i].most, &value))
			return false;
	}
	return text.at == NULL;
}

/* False for what is not Argon2's, or asks for too much. */
static bool
find_type(struct span stored, argon2_type *out)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!span_starts(stored, span_str(types[i].prefix)))
			continue;
		struct span rest = span_skip(stored, strlen(types[i].prefix));
		if (span_starts(rest, SPAN_LIT("v=")))
			span_cut(&rest, '$');
		*out = types[i].type;
		return bearable(span_cut(&rest, '$'));
	}
	return false;
}

enum password_verdict
password_check_argon2(struct span stored, struct span given)
{
	argon2_type type;
	struct secret form;

	if (!find_type(stored, &type))
		return PASSWORD_UNREADABLE;
	secret_init(&form, stored);
	int code = argon2_verify(form.bytes, given.at, given.len, type);
	secret_release(&form);
	return code == ARGON2_OK ? PASSWORD_RIGHT : code == ARGON2_VERIFY_MISMATCH ? PASSWORD_WRONG :
	    PASSWORD_UNREADABLE;
}

const char *
password_make_argon2(struct arena *a, const char *detail, struct span password)
{
	unsigned char salt[SALT];
	char made[128];

	if (span_index(password, '\0') < password.len)
		return NULL;
	assert_that(RAND_bytes(salt, sizeof(salt)) == 1);
	int code = argon2id_hash_encoded(PASSES, MEMORY_KIB, 1, password.at, password.len, salt, sizeof(salt), HASH,
	    made, sizeof(made));
	const char *text = code == ARGON2_OK ? arena_printf(a, "%s%s", detail, made) : NULL;
	secret_wipe(made, sizeof(made));
	return text;
}
