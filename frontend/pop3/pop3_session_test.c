/*
 * pop3_session_test.c - conversations, against the store in memory
 */
#include "base/test.h"
#include "frontend/pop3/pop3_command.h"
#include "frontend/testing/harness.h"

static struct harness h;
static struct client *c;

static int
set_up(void **state)
{
	(void)state;
	harness_init(&h);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	client_free(&c);
	harness_release(&h);
	return 0;
}

static void
ask(const char *command, const char *answer)
{
	client_send(c, command);
	client_send(c, "\r\n");
	client_expect(c, answer);
}

/* `count` messages in alice's INBOX: "1\r\n", "2\r\n" ... below a header. */
static void
log_in(unsigned count)
{
	char text[64];

	harness_start(&h);
	for (unsigned i = 1; i <= count; i++) {
		snprintf(text, sizeof(text), "Subject: x\r\n\r\nbody %u\r\n.dot\r\n", i);
		store_fake_deliver(&h.store, "alice", "INBOX", text);
	}
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK Posthouse is ready <*@posthouse>");
	ask("USER alice", "+OK *");
	ask("PASS alice-demo", "+OK * messages (*");
}

static void
test_login(void **state)
{
	(void)state;
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK *");
	ask("STAT", "-ERR Please log in first");
	ask("PASS x", "-ERR USER comes first");
	ask("USER", "-ERR *");
	ask("USER  ", "-ERR A name is missing");
	ask("USER alice", "+OK *");
	ask("PASS", "-ERR [AUTH] The password is empty");
	ask("USER alice", "+OK *");
	ask("PASS ", "-ERR [AUTH] The password is empty");
	ask("USER alice", "+OK *");
	ask("PASS wrong", "-ERR [AUTH] Wrong user or password");
	ask("PASS alice-demo", "-ERR USER comes first");
	ask("user  alice  ", "+OK *");
	ask("pass alice-demo", "+OK 0 messages (0 octets)");
	ask("USER bob", "-ERR You are logged in already");
	ask("QUIT", "+OK *");
	client_expect_end(c);
}

static void
test_auth(void **state)
{
	(void)state;
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK *");
	ask("AUTH", "+OK *");
	client_expect(c, "TALK");
	client_expect(c, "NAME");
	client_expect(c, "TOKEN");
	client_expect(c, "PLAIN");
	client_expect(c, "LOGIN");
	client_expect(c, ".");
	ask("AUTH GSSAPI", "-ERR That mechanism is not supported");
	ask("AUTH PLAIN", "+ ");
	ask("*", "-ERR Cancelled");
	ask("AUTH PLAIN AGFsaWNlAHdyb25n", "-ERR [AUTH] *");
	ask("AUTH PLAIN not/base64!", "-ERR The response is not base64");
	ask("AUTH PLAIN =", "-ERR That is no response of PLAIN");
	ask("AUTH LOGIN", "+ VXNlcm5hbWU6");
	ask("YWxpY2U=", "+ UGFzc3dvcmQ6");
	ask("YWxpY2UtZGVtbw==", "+OK 0 messages (0 octets)");
}

static void
test_exchanges(void **state)
{
	(void)state;
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK *");
	ask("AUTH TALK", "+ d2hvPw==");
	ask("*", "-ERR Cancelled");
	ask("AUTH TALK YWxpY2U=", "+ c3VyZT8=");
	ask("bm8=", "-ERR [AUTH] *");
	ask("AUTH TALK YWxpY2U=", "+ c3VyZT8=");
	ask("YXdheQ==", "-ERR [SYS/TEMP] *");
	ask("AUTH TOKEN YmFk", "+ e30=");
	ask("AQ==", "-ERR [AUTH] *");
	ask("AUTH APOP", "-ERR That mechanism is not supported");
	ask("AUTH TALK-PLUS", "-ERR That mechanism is not supported");
	ask("AUTH TALK YWxpY2U=", "+ c3VyZT8=");
	ask("eWVz", "+ d2VsY29tZQ==");
	ask("", "+OK 0 messages (0 octets)");
}

static void
test_apop(void **state)
{
	(void)state;
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK Posthouse is ready <*@posthouse>");
	ask("APOP", "-ERR *");
	ask("APOP alice", "-ERR *");
	ask("APOP alice 00112233445566778899aabbccddeefe", "-ERR [AUTH] *");
	ask("APOP alice 00112233445566778899aabbccddeeff", "+OK 0 messages (0 octets)");
}

static void
test_apop_is_not_offered(void **state)
{
	(void)state;
	h.auth.plain_only = true;
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK Posthouse is ready");
	ask("APOP alice 00112233445566778899aabbccddeeff", "-ERR That mechanism is not supported");
}

static void
test_no_password_in_the_clear(void **state)
{
	(void)state;
	harness_use_tls(&h);
	c = harness_connect_remote(&h, &pop3_protocol);
	client_expect(c, "+OK *");
	ask("USER alice", "-ERR Passwords are accepted over TLS only");
	ask("PASS alice-demo", "-ERR Passwords are accepted over TLS only");
	ask("AUTH PLAIN AGFsaWNlAGFsaWNlLWRlbW8=", "-ERR Passwords are accepted over TLS only");
	ask("CAPA", "+OK *");
	client_expect_later(c, "SASL TALK NAME");
	client_expect(c, "STLS");
	client_expect(c, ".");
	ask("STLS", "+OK *");
	client_start_tls(c);
	ask("STLS", "-ERR TLS is active already");
	ask("CAPA", "+OK *");
	client_expect_later(c, "USER");
	client_expect(c, "SASL TALK-PLUS TALK NAME TOKEN PLAIN LOGIN");
	client_expect(c, ".");
	ask("AUTH PLAIN AGFsaWNlAGFsaWNlLWRlbW8=", "+OK 0 messages (0 octets)");
}

static unsigned
seen_count(void)
{
	const struct fake_box *box = store_fake_find(&h.store, "alice", "INBOX");
	unsigned count = 0;

	for (size_t i = 0; i < box->count; i++)
		count += box->messages[i].flags & 8 ? 1 : 0;
	return count;
}

static void
retrieve(unsigned number)
{
	char command[32], body[32];

	snprintf(command, sizeof(command), "RETR %u", number);
	snprintf(body, sizeof(body), "body %u", number);
	ask(command, "+OK 28 octets");
	client_expect(c, "Subject: x");
	client_expect(c, "");
	client_expect(c, body);
	client_expect(c, "..dot");
	client_expect(c, ".");
}

/* Messages fetched in order come with few calls, and are \Seen when they were retrieved, not before. */
static void
test_ahead(void **state)
{
	(void)state;
	log_in(9);
	for (unsigned n = 1; n <= 4; n++)
		retrieve(n);
	assert_int_equal(h.store.pop3_reads, 1);
	assert_int_equal(seen_count(), 1);
	retrieve(5);			/* this call tells of 2, 3, 4 and brings 6, 7, 8 */
	assert_int_equal(h.store.pop3_reads, 2);
	assert_int_equal(seen_count(), 5);
	retrieve(6);
	ask("DELE 6", "+OK *");
	ask("DELE 7", "+OK *");
	retrieve(8);			/* not the next that is here */
	assert_int_equal(h.store.pop3_reads, 3);
	assert_int_equal(seen_count(), 6);
	retrieve(9);
	assert_int_equal(h.store.pop3_reads, 4);
	retrieve(2);
	assert_int_equal(h.store.pop3_reads, 5);
	ask("RSET", "+OK *");
	ask("QUIT", "+OK *");
	client_expect_end(c);
	assert_int_equal(seen_count(), 8);	/* all but 7 */
}

/* The last of them are told of by QUIT, if they are not removed by it. */
static void
test_ahead_and_quit(void **state)
{
	(void)state;
	log_in(4);
	for (unsigned n = 1; n <= 4; n++)
		retrieve(n);
	ask("DELE 3", "+OK *");
	ask("QUIT", "+OK *");
	client_expect_end(c);
	assert_int_equal(store_fake_find(&h.store, "alice", "INBOX")->count, 3);
	assert_int_equal(seen_count(), 3);
}

/* The list comes in three pieces; numbers stay after DELE. */
static void
test_lists(void **state)
{
	(void)state;
	log_in(7);
	ask("STAT", "+OK 7 196");
	ask("LIST 7", "+OK 7 28");
	ask("LIST 8", "-ERR No such message");
	ask("LIST 0", "-ERR No such message");
	ask("LIST x", "-ERR These are not its arguments");
	ask("UIDL 2", "+OK 2 00000002000003e9");
	ask("DELE 1", "+OK *");
	ask("DELE 1", "-ERR No such message");
	ask("DELE 3", "+OK *");
	ask("STAT", "+OK 5 140");
	ask("LIST", "+OK 5 messages (140 octets)");
	client_expect(c, "2 28");
	client_expect(c, "4 28");
	client_expect_later(c, "7 28");
	client_expect(c, ".");
	ask("UIDL", "+OK *");
	client_expect(c, "2 00000002000003e9");
	client_expect(c, "4 00000004000003e9");
	client_expect_later(c, ".");
	ask("RETR 1", "-ERR No such message");
	ask("RSET", "+OK 7 messages (196 octets)");
	ask("LIST 1", "+OK 1 28");
}

static void
test_messages(void **state)
{
	(void)state;
	log_in(1);
	ask("TOP 1 0", "+OK *");
	client_expect(c, "Subject: x");
	client_expect(c, "");
	client_expect(c, ".");
	ask("TOP 1 2", "+OK *");
	client_expect_later(c, "..dot");
	client_expect(c, ".");
	assert_int_equal(store_fake_find(&h.store, "alice", "INBOX")->messages[0].flags & 8, 0);
	ask("TOP 1", "-ERR These are not its arguments");
	ask("RETR 1", "+OK 28 octets");
	client_expect(c, "Subject: x");
	client_expect(c, "");
	client_expect(c, "body 1");
	client_expect(c, "..dot");
	client_expect(c, ".");
	assert_int_equal(store_fake_find(&h.store, "alice", "INBOX")->messages[0].flags & 8, 8);
	fake_message_remove(store_fake_find(&h.store, "alice", "INBOX"), 0);
	ask("RETR 1", "-ERR The message is gone");
	ask("STAT", "+OK 1 28");
}

/* A message far larger than what a piece holds, in pieces. */
static void
test_long_message(void **state)
{
	enum { LINES = 20000 };
	struct buf text;

	(void)state;
	buf_init(&text, 0);
	buf_str(&text, "Subject: long\r\n\r\n");
	for (int i = 0; i < LINES; i++)
		buf_str(&text, ".............................................................................\r\n");
	buf_char(&text, '\0');
	store_fake_deliver(&h.store, "alice", "INBOX", text.at);
	buf_release(&text);
	log_in(0);
	ask("TOP 1 300", "+OK *");
	for (int i = 0; i < 302; i++)
		assert_int_equal(client_line(c)[0], i == 0 ? 'S' : i == 1 ? '\0' : '.');
	client_expect(c, ".");
	ask("RETR 1", "+OK 1580017 octets");
	for (int i = 0; i < LINES + 2; i++)
		assert_int_equal(strlen(client_line(c)), i == 0 ? 13 : i == 1 ? 0 : 78);
	client_expect(c, ".");
	ask("NOOP", "+OK *");
}

static size_t
messages_left(void)
{
	return store_fake_find(&h.store, "alice", "INBOX")->count;
}

static void
test_quit_removes(void **state)
{
	(void)state;
	log_in(3);
	ask("DELE 1", "+OK *");
	ask("DELE 3", "+OK *");
	assert_int_equal(messages_left(), 3);
	ask("QUIT", "+OK Goodbye");
	client_expect_end(c);
	assert_int_equal(messages_left(), 1);
	assert_int_equal(store_fake_find(&h.store, "alice", "INBOX")->messages[0].uid, 2);
}

static void
test_only_quit_removes(void **state)
{
	(void)state;
	log_in(3);
	ask("DELE 1", "+OK *");
	ask("DELE 2", "+OK *");
	client_half_close(c);
	client_expect_end(c);
	assert_int_equal(messages_left(), 3);
}

static void
test_quit_without_the_store(void **state)
{
	(void)state;
	h.config.store_wait = 100;
	log_in(2);
	ask("DELE 1", "+OK *");
	wire_cut(h.store_wire, true);
	ask("QUIT", "-ERR [SYS/TEMP] Some deleted messages may not be removed");
	client_expect_end(c);
	assert_int_equal(messages_left(), 2);
}

static void
test_login_without_the_store(void **state)
{
	(void)state;
	h.config.store_wait = 100;
	c = harness_connect(&h, &pop3_protocol);
	client_expect(c, "+OK *");
	wire_cut(h.store_wire, true);
	ask("USER alice", "+OK *");
	ask("PASS alice-demo", "-ERR [SYS/TEMP] *");
	client_expect_end(c);
}

static void
test_pipelining_and_the_rest(void **state)
{
	(void)state;
	log_in(2);
	client_send(c, "STAT\r\nNOOP\r\nDELE 2\r\nRSET\r\nLANG\r\nLANG de\r\nLANG *\r\nNONSENSE\r\nNOOP now\r\n");
	client_expect(c, "+OK 2 56");
	client_expect(c, "+OK Here");
	client_expect(c, "+OK Marked *");
	client_expect(c, "+OK 2 *");
	client_expect(c, "+OK *");
	client_expect(c, "en English");
	client_expect_later(c, ".");
	client_expect(c, "-ERR That language is not spoken here");
	client_expect(c, "+OK en *");
	client_expect(c, "-ERR Unknown command");
	client_expect(c, "-ERR These are not its arguments");
	ask("UTF8", "-ERR You are logged in already");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_login),
		STORY(test_auth),
		STORY(test_exchanges),
		STORY(test_apop),
		STORY(test_apop_is_not_offered),
		STORY(test_no_password_in_the_clear),
		STORY(test_ahead),
		STORY(test_ahead_and_quit),
		STORY(test_lists),
		STORY(test_messages),
		STORY(test_long_message),
		STORY(test_quit_removes),
		STORY(test_only_quit_removes),
		STORY(test_quit_without_the_store),
		STORY(test_login_without_the_store),
		STORY(test_pipelining_and_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
