/*
 * test_mail - real messages in a mailbox of their own, for tests
 *
 * Stored as APPEND stores them: with LF line ends when the message is clean,
 * otherwise exactly as it came. So what FETCH serves is always what was stored.
 */
#ifndef TESTING_TEST_MAIL_H
#define TESTING_TEST_MAIL_H

#include "storesvc/mailbox/test_box.h"

/* The message's UID. */
uint32_t test_mail_append(struct test_box *t, struct span message);
/* The same with the date of arrival and a flag (NULL: none). */
uint32_t test_mail_append_at(struct test_box *t, struct span message, int64_t received, const char *flag);

/* A file of just these bytes in new/, without sizes in its name. The mailbox is refreshed; returns the UID. */
uint32_t test_mail_deliver(struct test_box *t, struct span bytes);

/* "cur/..." of a message, in the arena. */
char *test_mail_path(struct test_box *t, struct arena *a, uint32_t uid);

/* A random message: headers, multiparts in multiparts, long lines, bare CRs and LFs now and then. */
struct span test_mail_random(struct arena *a);

/* `bytes` with each lone LF as CRLF, in the arena. */
struct span test_mail_served(struct arena *a, struct span bytes);

#endif
