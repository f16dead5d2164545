/*
 * rpc_depth_test.c - searches within searches
 */
#include "rpc/rpc_depth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/arena.h"
#include "proto/store.pb-c.h"

/* NOT (NOT (NOT ... ALL)): `depth` levels below the request, each with something beside it. */
static struct span
nested(struct arena *a, int depth)
{
	Posthouse__SearchRequest request = POSTHOUSE__SEARCH_REQUEST__INIT;
	Posthouse__SearchKey *inner = NULL;

	for (int i = 0; i < depth; i++) {
		Posthouse__SearchKey *key = ARENA_NEW(a, Posthouse__SearchKey);
		posthouse__search_key__init(key);
		key->text = (char *)"beside";
		key->number = 1;
		if (inner) {
			key->n_children = 1;
			key->children = ARENA_NEW(a, Posthouse__SearchKey *);
			key->children[0] = inner;
		}
		inner = key;
	}
	request.key = inner;
	size_t len = posthouse__search_request__get_packed_size(&request);
	uint8_t *bytes = arena_bytes(a, len);
	posthouse__search_request__pack(&request, bytes);
	return span_of(bytes, len);
}

static void
counts_levels(void **state)
{
	static const int depths[] = { 0, 1, 2, 7, 50 };

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		struct arena a;
		arena_init(&a, 0);
		struct span bytes = nested(&a, depths[i]);
		for (int limit = 0; limit < 60; limit++)
			if (rpc_depth_within(&posthouse__search_request__descriptor, bytes, limit) !=
			    (depths[i] <= limit))
				fail_msg("depth %d, limit %d", depths[i], limit);
		arena_release(&a);
	}
}

/* Cut anywhere, it says something and reads nothing beyond the cut. */
static void
survives_damage(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	struct span bytes = nested(&a, 50);
	for (size_t len = 0; len <= bytes.len; len++) {
		char *cut = arena_strndup(&a, bytes.at, len);
		assert_true(rpc_depth_within(&posthouse__search_request__descriptor, span_of(cut, len), 50));
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_levels),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
