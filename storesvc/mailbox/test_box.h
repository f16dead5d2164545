/*
 * test_box - a mailbox in a directory of its own, for tests
 */
#ifndef MAILBOX_TEST_BOX_H
#define MAILBOX_TEST_BOX_H

#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/mailbox/mailbox_open.h"

struct test_box {
	char path[64];
	int dir;
	unsigned changes;		/* how often the hook was called */
	uint32_t uidvalidity;
	struct mailbox *box;
	/* Called where the real hooks are, when they are set: `box` is not yet in the struct while it is opened. */
	void (*on_enter)(struct test_box *t, struct mailbox *box);
	void (*on_drain)(struct test_box *t);
};

/* A new directory; without the mailbox in it open. */
void test_box_init(struct test_box *t);
void test_box_release(struct test_box *t);
void test_box_open(struct test_box *t);
/* As a clean stop, or as kill -9. */
void test_box_close(struct test_box *t);
void test_box_kill(struct test_box *t);

/* A message of `size` bytes appended with these flags (NULL: none); its UID. */
uint32_t test_box_append(struct test_box *t, size_t size, const char *flag);
/* One that a request with this mark asked for. */
uint32_t test_box_append_marked(struct test_box *t, size_t size, const char *mark);
/* A file put into new/ or cur/ by somebody else. */
void test_box_deliver(struct test_box *t, const char *directory, const char *name, size_t size);
void test_box_flag(struct test_box *t, uint32_t first, uint32_t last, enum flags_op op, const char *flag);
/* The flags of a message as text; "gone" when there is none. */
const char *test_box_flags(struct test_box *t, uint32_t uid);
/* "1:3,5": what is present. Lives until the next call. */
const char *test_box_present(struct test_box *t);

#endif
