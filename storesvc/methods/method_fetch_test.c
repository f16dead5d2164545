/*
 * method_fetch_test.c - Fetch and Search as a frontend calls them: answers, deltas, refusals
 */
#include "base/test.h"
#include "storesvc/test_store.h"

#define STR(text) ((char *)(uintptr_t)(text))

static struct test_store store;

static int
set_up(void **state)
{
	(void)state;
	test_store_start(&store);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	test_store_stop(&store);
	return 0;
}

static void
append(const char *literal)
{
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;

	in.mailbox = STR("INBOX");
	store.attachment = span_str(literal);
	assert_int_equal(TEST_CALL(&store, append, &in), STATUS_OK);
	store.attachment = (struct span){ 0 };
}

static uint64_t
modseq_now(void)
{
	Posthouse__StatusRequest in = POSTHOUSE__STATUS_REQUEST__INIT;

	in.mailbox = STR("INBOX");
	in.items = POSTHOUSE__STATUS_ITEM__STATUS_HIGHESTMODSEQ;
	assert_int_equal(TEST_CALL(&store, status, &in), STATUS_OK);
	return ((const Posthouse__StatusReply *)store.reply)->highestmodseq;
}

/* What another session does: flags or expunges message `uid`. */
static void
flag(uint32_t uid, const char *name)
{
	Posthouse__FlagsRequest in = POSTHOUSE__FLAGS_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	char *names[] = { STR(name) };

	box.mailbox = STR("INBOX");
	run.first = run.last = uid;
	in.box = &box;
	in.messages = runs;
	in.n_messages = 1;
	in.op = POSTHOUSE__FLAGS_REQUEST__OP__ADD;
	in.flags = names;
	in.n_flags = 1;
	in.silent = true;
	assert_int_equal(TEST_CALL(&store, flags, &in), STATUS_OK);
}

static void
expunge(uint32_t uid)
{
	Posthouse__ExpungeRequest in = POSTHOUSE__EXPUNGE_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;

	flag(uid, "\\Deleted");
	box.mailbox = STR("INBOX");
	in.box = &box;
	in.all = true;
	assert_int_equal(TEST_CALL(&store, expunge, &in), STATUS_OK);
}

/* FETCH first:last BODY[TEXT], or BODY.PEEK[TEXT]. */
struct fetch {
	Posthouse__FetchRequest in;
	Posthouse__MailboxRef box;
	Posthouse__Run run, *runs[1];
	Posthouse__FetchItem item, *items[1];
	Posthouse__Section section;
};

static void
fetch_init(struct fetch *f, uint32_t first, uint32_t last, uint64_t since)
{
	posthouse__fetch_request__init(&f->in);
	posthouse__mailbox_ref__init(&f->box);
	posthouse__run__init(&f->run);
	posthouse__fetch_item__init(&f->item);
	posthouse__section__init(&f->section);
	f->box.mailbox = STR("INBOX");
	f->box.since_modseq = since;
	f->run.first = f->run.seq = first;
	f->run.last = last;
	f->runs[0] = &f->run;
	f->section.kind = POSTHOUSE__SECTION__KIND__TEXT;
	f->item.kind = POSTHOUSE__FETCH_ITEM__KIND__SECTION;
	f->item.section = &f->section;
	f->item.label = STR("BODY[TEXT]");
	f->items[0] = &f->item;
	f->in.box = &f->box;
	f->in.messages = f->runs;
	f->in.n_messages = 1;
	f->in.items = f->items;
	f->in.n_items = 1;
}

static const Posthouse__FetchReply *
fetched(struct fetch *f, const char *want)
{
	assert_int_equal(TEST_CALL(&store, fetch, &f->in), STATUS_OK);
	if (!span_eq(store.call->send.bytes, span_str(want)))
		print_error("%.*s\n", (int)store.call->send.bytes.len, store.call->send.bytes.at);
	assert_true(span_eq(store.call->send.bytes, span_str(want)));
	return store.reply;
}

/* \Seen is told in the answer itself, so the delta has only what others did. */
static void
test_own_changes_are_told_once(void **state)
{
	struct fetch f;

	(void)state;
	append("A: 1\r\n\r\none\r\n");
	append("A: 2\r\n\r\ntwo\r\n");
	append("A: 3\r\n\r\nthree\r\n");
	fetch_init(&f, 1, 2, modseq_now());
	flag(3, "\\Flagged");
	const Posthouse__FetchReply *reply = fetched(&f,
	    "* 1 FETCH (BODY[TEXT] {5}\r\none\r\n FLAGS (\\Seen))\r\n"
	    "* 2 FETCH (BODY[TEXT] {5}\r\ntwo\r\n FLAGS (\\Seen))\r\n");
	assert_false(reply->more);
	assert_non_null(reply->delta);
	assert_int_equal(reply->delta->changed->n_uid, 1);
	assert_int_equal(reply->delta->changed->uid[0], 3);
	assert_string_equal(reply->delta->changed->flag_lists[0], "\\Flagged");
	uint64_t modseq = reply->delta->modseq;
	assert_int_equal(modseq, modseq_now());

	/* Nothing happened since. */
	f.box.since_modseq = modseq;
	reply = fetched(&f, "* 1 FETCH (BODY[TEXT] {5}\r\none\r\n)\r\n* 2 FETCH (BODY[TEXT] {5}\r\ntwo\r\n)\r\n");
	assert_true(!reply->delta || !reply->delta->changed || reply->delta->changed->n_uid == 0);
}

/* Only the last piece has the delta: expunges may not be told in the middle. */
static void
test_delta_comes_last(void **state)
{
	Posthouse__FetchCursor cursor;
	struct fetch f;

	(void)state;
	append("A: 1\r\n\r\none\r\n");
	append("A: 2\r\n\r\ntwo\r\n");
	append("A: 3\r\n\r\nthree\r\n");
	fetch_init(&f, 1, 3, modseq_now());
	f.item.peek = true;
	f.in.max_bytes = 1;
	expunge(2);
	const Posthouse__FetchReply *reply = fetched(&f, "* 1 FETCH (BODY[TEXT] {5}\r\non");
	assert_true(reply->more);
	assert_null(reply->delta);
	cursor = *reply->next;
	f.in.cursor = &cursor;
	f.in.max_bytes = 0;
	reply = fetched(&f, "e\r\n)\r\n* 3 FETCH (BODY[TEXT] {7}\r\nthree\r\n)\r\n");
	assert_false(reply->more);
	assert_int_equal(reply->missing, 1);
	assert_int_equal(reply->delta->n_vanished, 1);
	assert_int_equal(reply->delta->vanished[0]->first, 2);
	assert_int_equal(reply->delta->vanished[0]->last, 2);
}

static void
test_vanished_earlier(void **state)
{
	struct fetch f;

	(void)state;
	for (int i = 0; i < 6; i++)
		append("A: b\r\n\r\nx\r\n");
	uint64_t before = modseq_now();
	expunge(2);
	expunge(4);
	expunge(5);
	fetch_init(&f, 1, 6, 0);
	f.item.kind = POSTHOUSE__FETCH_ITEM__KIND__UID;
	f.item.label = STR("UID");
	f.in.changed_since = before;
	f.in.want_vanished = true;
	const Posthouse__FetchReply *reply = fetched(&f, "");
	assert_int_equal(reply->n_vanished, 2);
	assert_int_equal(reply->vanished[0]->first, 2);
	assert_int_equal(reply->vanished[0]->last, 2);
	assert_int_equal(reply->vanished[1]->first, 4);
	assert_int_equal(reply->vanished[1]->last, 5);
}

static void
test_refusals(void **state)
{
	struct fetch f;

	(void)state;
	append("A: b\r\n\r\nx\r\n");
	fetch_init(&f, 1, 1, 0);
	f.box.mailbox = STR("Nowhere");
	assert_int_equal(TEST_CALL(&store, fetch, &f.in), STATUS_NOT_FOUND);
	f.box.mailbox = STR("INBOX");
	f.box.mailbox_id = STR("not-its-id");
	assert_int_equal(TEST_CALL(&store, fetch, &f.in), STATUS_CONFLICT);
	f.box.mailbox_id = STR("");
	f.in.n_items = 0;
	assert_int_equal(TEST_CALL(&store, fetch, &f.in), STATUS_INVALID);
	f.in.n_items = 1;
	f.in.box = NULL;
	assert_int_equal(TEST_CALL(&store, fetch, &f.in), STATUS_INVALID);
}

static void
test_search(void **state)
{
	Posthouse__SearchRequest in = POSTHOUSE__SEARCH_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;
	Posthouse__SearchKey key = POSTHOUSE__SEARCH_KEY__INIT;
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };

	(void)state;
	append("Subject: apples\r\n\r\nx\r\n");
	append("Subject: pears\r\n\r\nx\r\n");
	append("Subject: more apples\r\n\r\nx\r\n");
	box.mailbox = STR("INBOX");
	box.since_modseq = modseq_now();
	flag(1, "\\Flagged");
	run.first = 1;
	run.last = 3;
	key.kind = POSTHOUSE__SEARCH_KEY__KIND__HEADER;
	key.field = STR("Subject");
	key.text = STR("APPLES");
	in.box = &box;
	in.key = &key;
	in.within = runs;
	in.n_within = 1;
	in.want_modseq = true;
	assert_int_equal(TEST_CALL(&store, search, &in), STATUS_OK);
	const Posthouse__SearchReply *reply = store.reply;
	assert_int_equal(reply->n_matches, 2);
	assert_int_equal(reply->matches[0]->first, 1);
	assert_int_equal(reply->matches[1]->first, 3);
	assert_int_equal(reply->delta->changed->n_uid, 1);
	uint64_t modseq = reply->modseq;
	assert_int_equal(modseq, modseq_now());

	in.charset = STR("X-UNKNOWN");
	assert_int_equal(TEST_CALL(&store, search, &in), STATUS_INVALID);
	assert_string_equal(store.call->status.text, "BADCHARSET");
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_own_changes_are_told_once),
		STORE_TEST(test_delta_comes_last),
		STORE_TEST(test_vanished_earlier),
		STORE_TEST(test_refusals),
		STORE_TEST(test_search),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
