/*
 * method_pop3_test.c - Pop3List, Pop3Read, and Expunge as POP3 calls it
 */
#include "base/buf.h"
#include "base/test.h"
#include "storesvc/test_store.h"

#define STR(text) ((char *)(uintptr_t)(text))

static struct test_store store;
static Posthouse__MailboxRef inbox = POSTHOUSE__MAILBOX_REF__INIT;

static int
set_up(void **state)
{
	(void)state;
	test_store_start(&store);
	inbox.mailbox = STR("INBOX");
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
append(struct span literal)
{
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;

	in.mailbox = STR("INBOX");
	store.attachment = literal;
	assert_int_equal(TEST_CALL(&store, append, &in), STATUS_OK);
	store.attachment = (struct span){ 0 };
}

static const Posthouse__Pop3ListReply *
list(uint32_t after)
{
	Posthouse__Pop3ListRequest in = POSTHOUSE__POP3_LIST_REQUEST__INIT;

	in.box = &inbox;
	in.after_uid = after;
	assert_int_equal(TEST_CALL(&store, pop3_list, &in), STATUS_OK);
	return store.reply;
}

static uint32_t
unseen(void)
{
	Posthouse__StatusRequest in = POSTHOUSE__STATUS_REQUEST__INIT;

	in.mailbox = STR("INBOX");
	in.items = POSTHOUSE__STATUS_ITEM__STATUS_UNSEEN;
	assert_int_equal(TEST_CALL(&store, status, &in), STATUS_OK);
	return ((const Posthouse__StatusReply *)store.reply)->unseen;
}

/* All of a message, pulled in pieces of `most` bytes. */
static void
read_whole(uint32_t uid, uint32_t most, bool seen, struct buf *out)
{
	Posthouse__Pop3ReadRequest in = POSTHOUSE__POP3_READ_REQUEST__INIT;
	bool more = true;

	buf_reset(out);
	in.box = &inbox;
	in.uid = uid;
	in.max_bytes = most;
	in.seen = seen;
	while (more) {
		assert_int_equal(TEST_CALL(&store, pop3_read, &in), STATUS_OK);
		const Posthouse__Pop3ReadReply *reply = store.reply;
		buf_span(out, store.call->send.bytes);
		more = reply->more;
		in.disk = reply->disk;
		in.served = reply->served;
	}
}

static void
test_list(void **state)
{
	(void)state;
	assert_int_equal(list(0)->n_uid, 0);
	append(SPAN_LIT("A: b\r\n\r\none\r\n"));
	append(SPAN_LIT("A: b\n\nbare\n"));
	append(SPAN_LIT("A: b\r\n\r\nno end"));
	const Posthouse__Pop3ListReply *reply = list(0);
	assert_int_equal(reply->n_uid, 3);
	assert_int_equal(reply->n_size, 3);
	for (uint32_t i = 0; i < 3; i++) {
		static const uint64_t sizes[] = { 13, 14, 14 };	/* lone LFs count as CRLF */
		assert_int_equal(reply->uid[i], i + 1);
		assert_int_equal(reply->size[i], sizes[i]);
	}
	assert_int_equal(reply->n_uidl, 0);
	assert_int_equal(reply->next_after_uid, 0);
	assert_true(reply->uidvalidity > 0 && *reply->mailbox_id);
	reply = list(2);
	assert_int_equal(reply->n_uid, 1);
	assert_int_equal(reply->uid[0], 3);
}

/* As POP3 sends it: every line ends with CRLF, and a lone CR is no line end. */
static void
with_crlf(struct span text, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r'))
			buf_char(out, '\r');
		buf_char(out, text.at[i]);
	}
}

/* However a message is cut into pieces, its bytes are those that were stored, with CRLFs. */
static void
test_read(void **state)
{
	static const char *const ends[] = { "\r\n", "\n", "\r" };
	struct buf text, got, wire;

	(void)state;
	buf_init(&text, 0);
	buf_init(&got, 0);
	buf_init(&wire, 0);
	for (uint32_t round = 0; round < 6; round++) {
		buf_reset(&text);
		buf_str(&text, "A: b\r\n\r\n");
		while (text.len < 200000) {
			for (uint32_t n = test_below(4); n; n--)
				buf_char(&text, (char)('a' + test_below(26)));
			buf_str(&text, ends[round % 2 ? test_below(3) : 0]);
		}
		append(buf_view(&text));
		with_crlf(buf_view(&text), &wire);
		for (int i = 0; i < 3; i++) {
			read_whole(round + 1, i == 0 ? 0 : 1024 + test_below(5000), false, &got);
			assert_true(span_eq(buf_view(&wire), buf_view(&got)));
		}
		assert_int_equal(list(round)->size[0], wire.len);
	}
	buf_release(&wire);
	buf_release(&text);
	buf_release(&got);
}

static void
test_seen(void **state)
{
	struct buf got;

	(void)state;
	buf_init(&got, 0);
	append(SPAN_LIT("A: b\r\n\r\none\r\n"));
	append(SPAN_LIT("A: b\r\n\r\ntwo\r\n"));
	read_whole(1, 0, false, &got);
	assert_int_equal(unseen(), 2);
	read_whole(2, 0, true, &got);
	assert_int_equal(unseen(), 1);
	buf_release(&got);
}

/* Whole messages behind the one that was asked for, as far as there is room, up to one that is not there. */
static void
test_ahead(void **state)
{
	Posthouse__Pop3ReadRequest in = POSTHOUSE__POP3_READ_REQUEST__INIT;
	uint32_t ahead[] = { 2, 4, 9, 3 }, seen[] = { 2, 4 };
	const Posthouse__Pop3ReadReply *reply;
	struct buf big;

	(void)state;
	append(SPAN_LIT("A: b\r\n\r\none\r\n"));
	append(SPAN_LIT("A: b\n\nbare\n"));
	append(SPAN_LIT("A: b\r\n\r\nthree\r\n"));
	append(SPAN_LIT("A: b\r\n\r\nfour\r\n"));
	in.box = &inbox;
	in.uid = 1;
	in.ahead = ahead;
	in.n_ahead = COUNT_OF(ahead);
	assert_int_equal(TEST_CALL(&store, pop3_read, &in), STATUS_OK);
	reply = store.reply;
	assert_false(reply->more);
	assert_int_equal(reply->n_ahead_size, 2);
	assert_int_equal(reply->ahead_size[0], 14);
	assert_int_equal(reply->ahead_size[1], 14);
	assert_true(span_eq(store.call->send.bytes,
	    SPAN_LIT("A: b\r\n\r\none\r\nA: b\r\n\r\nbare\r\nA: b\r\n\r\nfour\r\n")));
	assert_int_equal(unseen(), 4);

	in.seen_before = seen;
	in.n_seen_before = COUNT_OF(seen);
	in.seen = true;
	in.n_ahead = 0;
	assert_int_equal(TEST_CALL(&store, pop3_read, &in), STATUS_OK);
	assert_int_equal(unseen(), 1);

	/* Nothing comes along before the last piece, and nothing that is larger than the room left. */
	buf_init(&big, 0);
	buf_str(&big, "A: b\r\n\r\n");
	while (big.len < 300000)
		buf_str(&big, "0123456789abcdef\r\n");
	append(buf_view(&big));
	in = (Posthouse__Pop3ReadRequest)POSTHOUSE__POP3_READ_REQUEST__INIT;
	in.box = &inbox;
	in.uid = 5;
	in.ahead = ahead;
	in.n_ahead = 1;
	assert_int_equal(TEST_CALL(&store, pop3_read, &in), STATUS_OK);
	reply = store.reply;
	assert_true(reply->more);
	assert_int_equal(reply->n_ahead_size, 0);
	in.disk = reply->disk;
	in.served = reply->served;
	assert_int_equal(TEST_CALL(&store, pop3_read, &in), STATUS_OK);
	reply = store.reply;
	assert_false(reply->more);
	assert_int_equal(reply->n_ahead_size, 1);
	in.uid = 1;
	in.disk = in.served = 0;
	ahead[0] = 5;
	assert_int_equal(TEST_CALL(&store, pop3_read, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__Pop3ReadReply *)store.reply)->n_ahead_size, 0);
	buf_release(&big);
}

static void
test_remove(void **state)
{
	Posthouse__ExpungeRequest in = POSTHOUSE__EXPUNGE_REQUEST__INIT;
	Posthouse__Pop3ReadRequest gone = POSTHOUSE__POP3_READ_REQUEST__INIT;
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };

	(void)state;
	for (int i = 0; i < 5; i++)
		append(SPAN_LIT("A: b\r\n\r\nx\r\n"));
	in.box = &inbox;
	in.only = runs;
	in.n_only = 1;
	run.first = 2;
	run.last = 3;
	assert_int_equal(TEST_CALL(&store, expunge, &in), STATUS_OK);
	assert_int_equal(list(0)->n_uid, 5);		/* none of them is \Deleted */
	in.any_flags = true;
	assert_int_equal(TEST_CALL(&store, expunge, &in), STATUS_OK);
	assert_int_equal(list(0)->n_uid, 3);
	test_store_restart(&store, true);
	assert_int_equal(TEST_CALL(&store, expunge, &in), STATUS_OK);
	const Posthouse__Pop3ListReply *reply = list(0);
	assert_int_equal(reply->n_uid, 3);
	assert_int_equal(reply->uid[1], 4);
	gone.box = &inbox;
	gone.uid = 2;
	assert_int_equal(TEST_CALL(&store, pop3_read, &gone), STATUS_NOT_FOUND);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_list),
		STORE_TEST(test_read),
		STORE_TEST(test_seen),
		STORE_TEST(test_ahead),
		STORE_TEST(test_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
