/*
 * password_cache.c - passwords found right a moment ago
 */
#include "authsvc/password/password_cache.h"

#include <stdlib.h>

#include "authsvc/password/password_marks.h"
#include "base/mem.h"
#include "metrics/metrics.h"

static struct metric hits = {
	.name = "posthouse_auth_password_cache_hits", .kind = METRIC_COUNTER,
	.help = "Passwords that were right a moment ago and need no slow check.",
};
METRIC_REGISTER(hits);

static struct metric misses = {
	.name = "posthouse_auth_password_cache_misses", .kind = METRIC_COUNTER,
	.help = "Passwords that had to be checked the slow way.",
};
METRIC_REGISTER(misses);

struct password_cache {
	struct password_marks *right;
};

struct password_cache *
password_cache_new(int64_t keep_ms)
{
	struct password_cache *c = MEM_NEW(struct password_cache);

	c->right = password_marks_new(keep_ms);
	return c;
}

void
password_cache_free(struct password_cache **c)
{
	if (!*c)
		return;
	password_marks_free(&(*c)->right);
	free(*c);
	*c = NULL;
}

bool
password_cache_knows(struct password_cache *c, struct span account, struct span stored, struct span given,
    int64_t now_ms)
{
	return password_is_slow(stored) &&
	    password_marks_has(c->right, &(struct password_triple){ account, stored, given }, now_ms);
}

enum password_verdict
password_cache_check(struct password_cache *c, struct span account, struct span stored,
    struct span given, int64_t now_ms)
{
	struct password_triple t = { account, stored, given };

	if (!password_is_slow(stored))
		return password_check(stored, given);
	if (password_marks_has(c->right, &t, now_ms)) {
		metric_add(&hits, 1);
		return PASSWORD_RIGHT;
	}

	metric_add(&misses, 1);
	enum password_verdict verdict = password_check(stored, given);
	if (verdict == PASSWORD_RIGHT)
		password_marks_add(c->right, &t, now_ms);
	return verdict;
}
