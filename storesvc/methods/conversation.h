/*
 * conversation - the calls that tests of methods make again and again
 *
 * Each makes one call on a test_store and fails the test when it is refused, unless it
 * returns the status. Replies live until the next call.
 */
#ifndef METHODS_CONVERSATION_H
#define METHODS_CONVERSATION_H

#include "storesvc/test_store.h"

#define STR(text) ((char *)(uintptr_t)(text))

Posthouse__MailboxRef test_ref(const char *mailbox, uint64_t since);
const Posthouse__SelectReply *test_select(struct test_store *t, const char *mailbox);
enum status_code test_create(struct test_store *t, const char *mailbox);
/* The UID it got; `flag` may be NULL. */
uint32_t test_append(struct test_store *t, const char *mailbox, const char *literal, const char *flag);
const Posthouse__FlagsReply *test_flags(struct test_store *t, const char *mailbox, uint64_t since, uint32_t first,
    uint32_t last, Posthouse__FlagsRequest__Op op, const char *flag, bool silent, bool condstore);
const Posthouse__Delta *test_sync(struct test_store *t, const char *mailbox, uint64_t since);

#endif
