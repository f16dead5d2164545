/*
 * test_search - search keys as text, for tests
 *
 * A key is written "kind", "kind:number", "kind:text", "header:field=text",
 * "uids:1:3,5" or "(kind key key)", with "_" for a blank in a text.
 */
#ifndef SEARCH_TEST_SEARCH_H
#define SEARCH_TEST_SEARCH_H

#include "base/arena.h"
#include "proto/store.pb-c.h"

/* In the arena. */
Posthouse__SearchKey *test_search_key(struct arena *a, const char *text);

#endif
