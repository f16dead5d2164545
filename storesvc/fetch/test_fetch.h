/*
 * test_fetch - whole FETCHes, pull by pull, for tests
 */
#ifndef FETCH_TEST_FETCH_H
#define FETCH_TEST_FETCH_H

#include "storesvc/fetch/fetch.h"
#include "storesvc/testing/test_mail.h"

struct test_fetch {
	struct test_box *t;
	struct arena *arena;
	Posthouse__FetchRequest request;
	Posthouse__MailboxRef box;
	Posthouse__Run run;
	Posthouse__Run *runs[1];
	Posthouse__FetchItem *items[32];
	void (*between)(struct test_fetch *f, unsigned pull);	/* called between pulls, or NULL */
	unsigned pulls;
	uint32_t missing;
	struct uidset told;
};

/* Messages first..last, numbered from first; peeking. */
void test_fetch_init(struct test_fetch *f, struct test_box *t, struct arena *a, uint32_t first, uint32_t last);
void test_fetch_release(struct test_fetch *f);

/*
 * One more item, as a client writes it: "FLAGS", "BODY.PEEK[1.2.HEADER.FIELDS (To Cc)]<5.10>".
 */
void test_fetch_item(struct test_fetch *f, const char *text);

/* All of the answer, in the arena. */
struct span test_fetch_run(struct test_fetch *f);

/* The content of the first literal of an answer; at NULL when there is none. */
struct span test_fetch_literal(struct span answer);

#endif
