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
			if (rpc_depth_within(&posthouse__search_request__descriptor, bytes, limit, SIZE_MAX) !=
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
		assert_true(rpc_depth_within(&posthouse__search_request__descriptor, span_of(cut, len), 50, SIZE_MAX));
	}
	arena_release(&a);
}

static size_t allocated;

static void *
count_alloc(void *arg, size_t size)
{
	allocated += size;
	return arena_alloc(arg, size);
}

static void
count_free(void *arg, void *memory)
{
	(void)arg, (void)memory;
}

/* What is let through costs no more than it may, for messages of each kind there is. */
static void
memory_is_within_the_budget(void **state)
{
	static const struct { const char *bytes; size_t len; } rows[] = {
		{ "\x12\0", 2 },			/* an empty Run           */
		{ "\x12\x04\x08\x05\x10\x05", 6 },	/* a Run of one message   */
		{ "\x1a\0", 2 },			/* an empty FetchItem     */
		{ "\x0a\0", 2 },			/* the mailbox, again     */
		{ "\x28\x01", 2 },		/* a number               */
		{ "\x7a\x01x", 3 },		/* nothing that is known  */
		{ "\x1a\x06\x12\x04\x1a\0\x1a\0", 8 },	/* a Section with fields */
	};
	static const size_t count = 20000;
	const ProtobufCMessageDescriptor *type = &posthouse__fetch_request__descriptor;

	(void)state;
	for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++) {
		struct arena a;
		arena_init(&a, 0);
		ProtobufCAllocator allocator = { count_alloc, count_free, &a };
		char *bytes = arena_bytes(&a, rows[r].len * count);
		for (size_t i = 0; i < count; i++)
			memcpy(bytes + i * rows[r].len, rows[r].bytes, rows[r].len);
		struct span all = span_of(bytes, rows[r].len * count);
		size_t least = 0, most = (size_t)1 << 40;
		while (most - least > 1)
			if (rpc_depth_within(type, all, 10, least + (most - least) / 2))
				most = least + (most - least) / 2;
			else
				least += (most - least) / 2;
		allocated = 0;
		assert_non_null(protobuf_c_message_unpack(type, &allocator, all.len, (const uint8_t *)all.at));
		if (allocated > most + 65536 || most > all.len * 128)
			fail_msg("row %zu: %zu bytes cost %zu, within %zu", r, all.len, allocated, most);
		arena_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_levels),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(memory_is_within_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
