/*
 * cmd_message_test.c - selecting, and what is done with messages
 */
#include "frontend/imap/imap_story_test.h"

static const struct story_settings usual = { .prefix = NULL };

STORY(select_and_examine, usual,
    "D: INBOX", "D: INBOX",
    "C: a SELECT inbox",
    "S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
    "S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] *",
    "S: * 2 EXISTS", "S: * 0 RECENT", "S: * OK [UNSEEN 1] *", "S: * OK [UIDVALIDITY 1001] *", "S: * OK [UIDNEXT 3] *",
    "S: * OK [HIGHESTMODSEQ 3] *", "S: a OK [READ-WRITE] SELECT completed",
    "C: b EXAMINE INBOX", "S: * OK [CLOSED] *", "S: * FLAGS *", "S: * OK [PERMANENTFLAGS ()] *",
    "S~ b OK [READ-ONLY] EXAMINE completed",
    "C: c STORE 1 FLAGS (\\Seen)", "S: c NO [NOPERM] *", "C: d EXPUNGE", "S: d NO [NOPERM] *",
    "C: e MOVE 1 INBOX", "S: e NO [NOPERM] *",
    "C: f SELECT nothing", "S: * OK [CLOSED] *", "S: f NO [NONEXISTENT] *",
    "C: g FETCH 1 FLAGS", "S: g BAD No mailbox is selected",
    "C: h SELECT INBOX", "S~ h OK *", "C: i SELECT \"broken", "S: i BAD *", "C: j CHECK", "S: j OK CHECK completed",
    "C: k UNSELECT", "S: k OK UNSELECT completed", "C: l CHECK", "S: l BAD *");

STORY(append, usual,
    "C: a APPEND INBOX {5}", "S: + OK", "C: hello", "S: a OK [APPENDUID 1001 1] APPEND completed",
    "C> b APPEND INBOX (\\Seen $Mine \\Recent) \"17-Jul-1996 02:44:25 -0700\" {5+}\r\nworld\r\n", "S: b OK [APPENDUID 1001 2] *",
    "C: c SELECT INBOX", "S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Mine)", "S~ c OK *",
    "C: d FETCH 1:2 (FLAGS INTERNALDATE BODY.PEEK[])", "S: * 1 FETCH (FLAGS () INTERNALDATE * BODY[] {5}", "S: hello)",
    "S: * 2 FETCH (FLAGS (\\Seen $Mine) INTERNALDATE \"17-Jul-1996 09:44:25 +0000\" BODY[] {5}", "S: world)", "S: d OK *",
    "C> e APPEND INBOX {3+}\r\nabc\r\n", "S: * 3 EXISTS", "S: * 1 RECENT", "S: e OK [APPENDUID 1001 3] *");

STORY(append_mistakes, usual,
    "C: a APPEND nothing {3}", "S: + OK", "C: abc", "S: a NO [TRYCREATE] *",
    "C: b APPEND a//b {3}", "S: b NO [CANNOT] *",
    "C> c APPEND a//b {3+}\r\nabc\r\n", "S: c NO [CANNOT] *",
    "C: d APPEND INBOX {99999999999}", "S: d NO [TOOBIG] *",
    "C: e APPEND INBOX {0}", "S: e NO [CANNOT] *",
    "C> f APPEND INBOX {3+}\r\nabc trailing\r\n", "S: f BAD Nothing may follow the message",
    "C: g APPEND INBOX (\\Nonsense) {3}", "S: g BAD *",
    "C: h APPEND INBOX", "S: h BAD *",
    "C: i APPEND INBOX \"yesterday\" {3}", "S: i BAD *", "C: i2 APPEND INBOX ~{3}", "S: i2 BAD *",
    "C> i3 APPEND INBOX ~{3+}\r\nabc\r\n", "S: i3 BAD *", "C: i4 STATUS ~{5}", "S: i4 BAD *",
    "C> i5 APPEND INBOX \"3-May-2021 20:38:39 +0000\" x {3+}\r\nabc\r\n", "S: i5 BAD *",
    "C: j STATUS INBOX (MESSAGES)", "S: * STATUS \"INBOX\" (MESSAGES 0)", "S: j OK *",
    "C> k APPEND {5}\r\n", "S: + OK", "C> INBOX {3}\r\n", "S: + OK", "C: abc", "S: k OK [APPENDUID * 1] *");

/* Pushed in pieces, with CRLFs where pieces meet, and every byte back. */
static void
append_long(void **state)
{
	static const struct story_settings settings = { .prefix = NULL };
	enum { SIZE = 1000003 };
	struct story s;
	char *message = malloc(SIZE), head[64];

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		message[i] = "0123456789abcdefghijklmnopq\r\n"[i % 29];
	story_begin(&s, &settings);
	struct client *c = story_client(&s, 1);
	snprintf(head, sizeof(head), "a APPEND INBOX {%d}\r\n", SIZE);
	client_send(c, head);
	client_expect(c, "+ OK");
	client_send_bytes(c, message, SIZE);
	client_send(c, "\r\n");
	client_expect(c, "a OK [APPENDUID 1001 1] *");
	assert_int_equal(wire_calls(s.harness.store_wire, "Upload"), SIZE / (256 * 1024));
	client_send(c, "b SELECT INBOX\r\nc FETCH 1 BODY.PEEK[]\r\n");
	client_expect_later(c, "b OK *");
	snprintf(head, sizeof(head), "* 1 FETCH (BODY[] {%d}", SIZE);
	client_expect(c, head);
	assert_memory_equal(client_bytes(c, SIZE).at, message, SIZE);
	client_expect(c, ")");
	client_expect(c, "c OK *");
	story_end(&s);
	free(message);
}

STORY(fetch, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b FETCH 1:* FLAGS", "S: * 1 FETCH (FLAGS ())", "S: * 2 FETCH (FLAGS ())", "S: * 3 FETCH (FLAGS ())",
    "S: b OK FETCH completed",
    "C: c UID FETCH 2 (RFC822.SIZE)", "S: * 2 FETCH (RFC822.SIZE 65 UID 2)", "S: c OK UID FETCH completed",
    "C: d FETCH 1 BODY[TEXT]<0.4>", "S: * 1 FETCH (BODY[TEXT]<0> {4}", "S: Once)", "S: * 1 FETCH (FLAGS (\\Seen))",
    "S: d OK *",
    "C: e FETCH 2 RFC822.HEADER", "S: * 2 FETCH (RFC822.HEADER {46}", "S: From: *", "S: Subject: *", "S: ", "S: )", "S: e OK *",
    "C: f FETCH 4 FLAGS", "S: f BAD There are no messages with such numbers",
    "C: g UID FETCH 4:9 FLAGS", "S: g OK *",
    "C: h UID FETCH *:9 (UID)", "S: * 3 FETCH (UID 3)", "S: h OK *",
    "C: i FETCH 1 FOO", "S: i BAD Unknown item", "C: j FETCH 1", "S: j BAD *",
    "C: k FETCH 0 FLAGS", "S: k BAD *");

STORY(fetch_in_an_empty_mailbox, usual,
    "C: a SELECT INBOX", "S~ a OK *", "C: b FETCH 1:* FLAGS", "S: b BAD *", "C: c UID FETCH 1:* FLAGS", "S: c OK *",
    "C: d UID STORE 1:* FLAGS ()", "S: d OK *", "C: e UID COPY 1:* INBOX", "S: e OK *", "C: f SEARCH ALL", "S: * SEARCH",
    "S: f OK *", "C: f2 UID SEARCH 1:* NOT DELETED", "S: * SEARCH", "S: f2 OK *", "C: f3 SEARCH RETURN (COUNT) 5",
    "S: * ESEARCH (TAG \"f3\") COUNT 0", "S: f3 OK *", "C: g UID EXPUNGE 1:*", "S: g OK *");

/* Many pulls, and none of them out of order. */
static void
fetch_many(void **state)
{
	enum { MESSAGES = 3000 };
	static const struct story_settings settings = { .prefix = NULL };
	struct story s;

	(void)state;
	story_begin(&s, &settings);
	for (int i = 0; i < MESSAGES; i++)
		(void)store_fake_deliver(&s.harness.store, "alice", "INBOX", story_message);
	struct client *c = story_client(&s, 1);
	client_send(c, "a SELECT INBOX\r\nb FETCH 1:* (UID)\r\n");
	client_expect_later(c, "a OK *");
	for (int i = 1; i <= MESSAGES; i++) {
		char line[64];
		snprintf(line, sizeof(line), "* %d FETCH (UID %d)", i, i);
		client_expect(c, line);
	}
	client_expect(c, "b OK *");
	assert_true(wire_calls(s.harness.store_wire, "Fetch") > 1);
	story_end(&s);
}

STORY(fetch_of_what_is_gone, usual,
    "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *", "2C: a SELECT INBOX", "2S~ a OK *",
    "2C: b STORE 1 +FLAGS.SILENT (\\Deleted)", "2S: b OK *", "2C: c EXPUNGE", "2S: * 1 EXPUNGE", "2S: c OK *",
    "C: b FETCH 1 FLAGS", "S: b OK [EXPUNGEISSUED] *",
    "C: c FETCH 1:2 FLAGS", "S: * 2 FETCH (FLAGS ())", "S: c OK [EXPUNGEISSUED] *",
    "C: d STORE 1 +FLAGS (\\Seen)", "S: d OK [EXPUNGEISSUED] *",
    "C: d2 STORE 1:2 +FLAGS.SILENT (\\Seen)", "S: d2 OK [EXPUNGEISSUED] *",
    "C: d3 STORE 2 -FLAGS.SILENT (\\Seen)", "S: d3 OK STORE completed",
    "C: e UID FETCH 1 FLAGS", "S: * 1 EXPUNGE", "S: e OK *",
    "C: f FETCH 1 (UID)", "S: * 1 FETCH (UID 2)", "S: f OK *");

STORY(store, usual,
    "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b STORE 1 +FLAGS (\\Seen \\flagged)", "S: * 1 FETCH (FLAGS (\\Flagged \\Seen))", "S: b OK STORE completed",
    "C: c STORE 1 -FLAGS \\Seen", "S: * 1 FETCH (FLAGS (\\Flagged))", "S: c OK *",
    "C: d UID STORE 1:2 FLAGS ($Work)", "S: * FLAGS (* $Work)",
    "S: * OK [PERMANENTFLAGS (* $Work \\*)] *", "S: * 1 FETCH (UID 1 FLAGS ($Work))", "S: * 2 FETCH (UID 2 FLAGS ($Work))",
    "S~ d OK UID STORE completed",
    "C: e STORE 1:2 FLAGS.SILENT ()", "S: e OK *",
    "C: f FETCH 1:2 FLAGS", "S: * 1 FETCH (FLAGS ())", "S: * 2 FETCH (FLAGS ())", "S: f OK *",
    "C: g STORE 1 FLAGS (\\Recent)", "S: g BAD *", "C: h STORE 1 FLAGS (\\Nonsense)", "S: h BAD *",
    "C: i STORE 3 FLAGS ()", "S: i BAD *", "C: j STORE 1 FLAGS", "S: j BAD *", "C: k UID STORE 7 FLAGS ()", "S: k OK *");

STORY(copy_and_move, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "C: a CREATE Work", "S: a OK *", "C: a SELECT INBOX", "S~ a OK *",
    "C: b COPY 1:2 Work", "S: b OK [COPYUID 1002 1:2 1:2] COPY completed",
    "C: c UID COPY 3 Work", "S: c OK [COPYUID 1002 3 3] UID COPY completed",
    "C: d COPY 1 nothing", "S: d NO [TRYCREATE] *",
    "C: e COPY 9 Work", "S: e BAD *", "C: f UID COPY 9 Work", "S: f OK *",
    "C: g COPY 1 a//b", "S: g NO [CANNOT] *",
    "C: h MOVE 2 Work", "S: * OK [COPYUID 1002 2 4] Moved", "S: * 2 EXPUNGE", "S: h OK MOVE completed",
    "C: i UID MOVE 3 Work", "S: * OK [COPYUID 1002 3 5] Moved", "S: * 2 EXPUNGE", "S: i OK UID MOVE completed",
    "C: j UID MOVE 3 Work", "S: j OK *", "C: k MOVE 1", "S: k BAD *",
    "C: l STATUS Work (MESSAGES)", "S: * STATUS \"Work\" (MESSAGES 5)", "S: l OK *");

STORY(expunge, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b EXPUNGE", "S: b OK EXPUNGE completed",
    "C: c STORE 2:4 +FLAGS.SILENT (\\Deleted)", "S: c OK *",
    "C: d UID EXPUNGE 3", "S: * 3 EXPUNGE", "S: d OK *",
    "C: e EXPUNGE", "S: * 3 EXPUNGE", "S: * 2 EXPUNGE", "S: e OK *",
    "C: f STORE 1 +FLAGS.SILENT (\\Deleted)", "S: f OK *",
    "C: g CLOSE", "S: g OK CLOSE completed", "C: h SELECT INBOX", "S~ * 0 EXISTS", "S~ h OK *");

STORY(unselect_keeps_what_is_deleted, usual,
    "D: INBOX", "C: a SELECT INBOX", "S~ a OK *", "C: b STORE 1 +FLAGS.SILENT (\\Deleted)", "S: b OK *",
    "C: c UNSELECT", "S: c OK *", "C: d EXAMINE INBOX", "S~ * 1 EXISTS", "S~ d OK *", "C: e CLOSE", "S: e OK *",
    "C: f SELECT INBOX", "S~ * 1 EXISTS", "S~ f OK *");

STORY(search, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b STORE 2 +FLAGS.SILENT (\\Deleted)", "S: b OK *", "C: b STORE 1 +FLAGS.SILENT (\\Seen)", "S: b OK *",
    "C: b UID EXPUNGE 2", "S: * 2 EXPUNGE", "S: b OK *",
    "C: c SEARCH ALL", "S: * SEARCH 1 2 3", "S: c OK SEARCH completed",
    "C: d UID SEARCH ALL", "S: * SEARCH 1 3 4", "S: d OK UID SEARCH completed",
    "C: e SEARCH UNSEEN", "S: * SEARCH 2 3", "S: e OK *",
    "C: f SEARCH UID 3:*", "S: * SEARCH 2 3", "S: f OK *",
    "C: g UID SEARCH 2:*", "S: * SEARCH 3 4", "S: g OK *",
    "C: h SEARCH BODY rare", "S: * SEARCH", "S: h OK *",
    "C: i SEARCH RETURN (MIN MAX COUNT) ALL", "S: * ESEARCH (TAG \"i\") MIN 1 MAX 3 COUNT 3", "S: i OK *",
    "C: j UID SEARCH RETURN () ALL", "S: * ESEARCH (TAG \"j\") UID ALL 1,3:4", "S: j OK *",
    "C: k SEARCH RETURN (ALL COUNT) DELETED", "S: * ESEARCH (TAG \"k\") COUNT 0", "S: k OK *",
    "C: l SEARCH CHARSET KLINGON TEXT x", "S: l NO [BADCHARSET (UTF-8 US-ASCII)] *",
    "C: m SEARCH 9", "S: * SEARCH", "S: m OK *", "C: m SEARCH 2:9", "S: * SEARCH 2 3", "S: m OK *",
    "C: m UID SEARCH NOT 9", "S: * SEARCH 1 3 4", "S: m OK *", "C: m SEARCH 4:*", "S: * SEARCH 3", "S: m OK *", "C: n SEARCH FOO", "S: n BAD Unknown search key",
    "C: o SEARCH OR (SEEN) NOT SUBJECT story", "S: * SEARCH 1", "S: o OK *",
    "C: p SEARCH CHARSET UTF-8 SUBJECT {5}", "S: + OK", "C: story", "S: * SEARCH 1 2 3", "S: p OK *");

STORY(news_at_the_right_time, usual,
    "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *", "2C: a SELECT INBOX", "2S~ a OK *",
    "C: b NOOP", "S: b OK NOOP completed",
    "D: INBOX", "C: c NOOP", "S: * 3 EXISTS", "S: * 1 RECENT", "S: c OK *", "C: d NOOP", "S: d OK *",
    "2C: b STORE 1:2 +FLAGS.SILENT (\\Deleted)", "2S~ b OK *", "2C: c UID EXPUNGE 1", "2S: * 1 EXPUNGE", "2S: c OK *",
    "C: e FETCH 3 (UID)", "S: * 3 FETCH (UID 3)", "S: * 2 FETCH (FLAGS (\\Deleted))", "S: e OK *",
    "C: f SEARCH DELETED", "S: * SEARCH 2", "S: f OK *",
    "C: g STORE 3 +FLAGS.SILENT (\\Seen)", "S: g OK *",
    "C: h NOOP", "S: * 1 EXPUNGE", "S: h OK *");

/* A UID may be known from somewhere else before EXISTS told of it. */
STORY(uids_not_told_of_yet, usual,
    "C: a SELECT INBOX", "S~ a OK *", "2C: a SELECT INBOX", "2S~ a OK *",
    "C: b UID FETCH 1:* (UID)", "S: b OK *",
    "2C> b APPEND INBOX {3+}\r\nabc\r\n", "2S~ b OK [APPENDUID 1001 1] *",
    "C: c UID FETCH 1:* (UID)", "S: * 1 EXISTS", "S: * 1 RECENT", "S: * 1 FETCH (UID 1)", "S: c OK *",
    "2C> c APPEND INBOX {3+}\r\nabc\r\n", "2S~ c OK *",
    "C: d UID STORE 2 +FLAGS (\\Deleted)", "S: * 2 EXISTS", "S: * 2 RECENT", "S: * 2 FETCH (UID 2 FLAGS (\\Deleted))", "S: d OK *",
    "C: e UID EXPUNGE 2", "S: * 2 EXPUNGE", "S: e OK *",
    "C: f UID MOVE 9 INBOX", "S: f OK *");

STORY(messages_that_never_were, usual,
    "C: a SELECT INBOX", "S~ a OK *", "C: 1 FETCH 1 FLAGS", "S: 1 BAD *", "C: 2 FETCH 1 FLAGS", "S: 2 BAD *",
    "C: 3 FETCH 1 FLAGS", "S: 3 BAD *", "C: 4 FETCH 1 FLAGS", "S: 4 BAD *", "C: 5 FETCH 1 FLAGS", "S: 5 BAD *",
    "C: 6 FETCH 1 FLAGS", "S: 6 BAD *", "C: 7 FETCH 1 FLAGS", "S: 7 BAD *", "C: 8 FETCH 1 FLAGS", "S: 8 BAD *",
    "C: 9 FETCH 1 FLAGS", "S: 9 BAD *", "C: 10 FETCH 1 FLAGS", "S: 10 BAD *", "C: 11 FETCH 1 FLAGS", "S: 11 BAD *");

STORY(idle, usual,
    "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b IDLE", "S: + idling", "--", "D: INBOX", "S: * 2 EXISTS", "S: * 1 RECENT", "C: DONE", "S: b OK IDLE completed",
    "2C: a SELECT INBOX", "2S~ a OK *", "C: c IDLE", "S: + idling",
    "2C: b STORE 1 +FLAGS.SILENT (\\Deleted)", "2S: b OK *", "S: * 1 FETCH (FLAGS (\\Deleted))",
    "2C: c EXPUNGE", "2S: * 1 EXPUNGE", "2S: c OK *", "S: * 1 EXPUNGE",
    "C: NOOP", "S: c BAD DONE was expected", "C: d NOOP", "S: d OK *",
    "C: e IDLE x", "S: e BAD *", "C: f UNSELECT", "S: f OK *", "C: g IDLE", "S: + idling", "C: done", "S: g OK *");

STORY(pipelined, usual,
    "D: INBOX",
    "C> a SELECT INBOX\r\nb FETCH 1 (UID)\r\nc STORE 1 +FLAGS.SILENT (\\Deleted)\r\nd EXPUNGE\r\ne NOOP\r\nf LOGOUT\r\n",
    "S~ a OK *", "S: * 1 FETCH (UID 1)", "S: b OK *", "S: c OK *", "S: * 1 EXPUNGE", "S: d OK *", "S: e OK *",
    "S: * BYE *", "S: f OK *", "##");

/* IDLE costs no call while nothing happens. */
static void
idle_costs_nothing(void **state)
{
	static const struct story_settings settings = { .prefix = NULL };
	struct story s;

	(void)state;
	story_begin(&s, &settings);
	struct client *c = story_client(&s, 1);
	client_send(c, "a SELECT INBOX\r\n");
	client_expect_later(c, "a OK *");
	client_expect_silence(c, 500);	/* a new subscription is followed by one look */
	unsigned calls = wire_calls(s.harness.store_wire, NULL);
	client_send(c, "b IDLE\r\n");
	client_expect(c, "+ idling");
	client_expect_silence(c, 100);
	client_send(c, "DONE\r\n");
	client_expect(c, "b OK *");
	assert_int_equal(wire_calls(s.harness.store_wire, NULL), calls);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(select_and_examine),
		cmocka_unit_test(append),
		cmocka_unit_test(append_mistakes),
		cmocka_unit_test(append_long),
		cmocka_unit_test(fetch),
		cmocka_unit_test(fetch_in_an_empty_mailbox),
		cmocka_unit_test(fetch_many),
		cmocka_unit_test(fetch_of_what_is_gone),
		cmocka_unit_test(store),
		cmocka_unit_test(copy_and_move),
		cmocka_unit_test(expunge),
		cmocka_unit_test(unselect_keeps_what_is_deleted),
		cmocka_unit_test(search),
		cmocka_unit_test(news_at_the_right_time),
		cmocka_unit_test(uids_not_told_of_yet),
		cmocka_unit_test(messages_that_never_were),
		cmocka_unit_test(idle),
		cmocka_unit_test(pipelined),
		cmocka_unit_test(idle_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
