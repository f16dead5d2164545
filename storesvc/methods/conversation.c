/*
 * conversation.c - the calls that tests of methods make again and again
 */
#include "storesvc/methods/conversation.h"

#include "base/panic.h"

Posthouse__MailboxRef
test_ref(const char *mailbox, uint64_t since)
{
	Posthouse__MailboxRef r = POSTHOUSE__MAILBOX_REF__INIT;

	r.mailbox = STR(mailbox);
	r.since_modseq = since;
	return r;
}

const Posthouse__SelectReply *
test_select(struct test_store *t, const char *mailbox)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;

	in.mailbox = STR(mailbox);
	assert_that(TEST_CALL(t, select, &in) == STATUS_OK);
	return t->reply;
}

enum status_code
test_create(struct test_store *t, const char *mailbox)
{
	Posthouse__CreateRequest in = POSTHOUSE__CREATE_REQUEST__INIT;

	in.mailbox = STR(mailbox);
	return TEST_CALL(t, create, &in);
}

uint32_t
test_append(struct test_store *t, const char *mailbox, const char *literal, const char *flag)
{
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;
	char *flags[] = { STR(flag) };

	in.mailbox = STR(mailbox);
	in.flags = flags;
	in.n_flags = flag != NULL;
	t->attachment = span_str(literal);
	assert_that(TEST_CALL(t, append, &in) == STATUS_OK);
	t->attachment = (struct span){ 0 };
	return ((const Posthouse__AppendReply *)t->reply)->uid;
}

const Posthouse__FlagsReply *
test_flags(struct test_store *t, const char *mailbox, uint64_t since, uint32_t first, uint32_t last,
    Posthouse__FlagsRequest__Op op, const char *flag, bool silent, bool condstore)
{
	Posthouse__FlagsRequest in = POSTHOUSE__FLAGS_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref(mailbox, since);
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	char *names[] = { STR(flag) };

	run.first = first;
	run.last = last;
	run.seq = first;
	box.condstore = condstore;
	in.box = &box;
	in.messages = runs;
	in.n_messages = 1;
	in.op = op;
	in.flags = names;
	in.n_flags = 1;
	in.silent = silent;
	assert_that(TEST_CALL(t, flags, &in) == STATUS_OK);
	return t->reply;
}

const Posthouse__Delta *
test_sync(struct test_store *t, const char *mailbox, uint64_t since)
{
	Posthouse__SyncRequest in = POSTHOUSE__SYNC_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref(mailbox, since);

	in.box = &box;
	assert_that(TEST_CALL(t, sync, &in) == STATUS_OK);
	return ((const Posthouse__SyncReply *)t->reply)->delta;
}
