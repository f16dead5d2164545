/*
 * test_cache - a folder with a cache of known records, for tests
 */
#ifndef CACHE_TEST_CACHE_H
#define CACHE_TEST_CACHE_H

#include "storesvc/cache/cache.h"

#define TEST_OWNER 77
#define TEST_MESSAGES 40

struct test_cache {
	char path[64];
	int dir;
	uint64_t at[TEST_MESSAGES + 1];	/* by UID: where its record is */
	struct arena arena;
};

/* cmocka's set-up and tear-down; *state is the folder. */
int test_cache_new(void **state);
int test_cache_free(void **state);

/* The message that has this UID: some are long, some have several parts. */
struct span test_message(struct arena *a, uint32_t uid);
/* Adds all of them. */
void test_cache_fill(struct test_cache *f, struct cache *c);

/* Fails unless it is the record of that message. */
void test_record_is(struct test_cache *f, const struct cache_record *found, uint32_t uid);
/* How many of all records can be read at f->at; each that can is right. */
unsigned test_count_readable(struct test_cache *f, struct cache *c);

/* What a walk finds; `test_visit` is for cache_walk_once. */
struct test_walk {
	uint64_t at[TEST_MESSAGES + 1];
	unsigned visits;
};
void test_visit(void *arg, uint32_t uid, uint64_t at);

#endif
