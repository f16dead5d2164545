/*
 * cmd_authenticate_test.c - exchanges with authsvc, of which the fake one has a few (testing/auth_fake.h)
 */
#include "frontend/imap/imap_story_test.h"

static const struct story_settings local = { .not_logged_in = true };
static const struct story_settings remote = { .not_logged_in = true, .remote = true };

/* "who?", "alice", "sure?", "yes", "welcome" */
STORY(three_responses, local, "S: * OK *",
    "C: a AUTHENTICATE TALK", "S: + d2hvPw==", "C: YWxpY2U=", "S: + c3VyZT8=", "C: eWVz",
    "S: + d2VsY29tZQ==", "C: ", "S: a OK [CAPABILITY * UIDPLUS *] Logged in",
    "C: b AUTHENTICATE TALK", "S: b BAD You are logged in already");

STORY(the_first_at_once, local, "S: * OK *",
    "C: a authenticate talk YWxpY2U=", "S: + c3VyZT8=", "C: eWVz", "S: + d2VsY29tZQ==", "C: ", "S: a OK *");

STORY(no_other_word_after_success, local, "S: * OK *",
    "C: a AUTHENTICATE TALK YWxpY2U=", "S: + c3VyZT8=", "C: eWVz", "S: + d2VsY29tZQ==", "C: *", "S: a BAD *",
    "C: b SELECT INBOX", "S: b BAD Please log in first");

STORY(refusals, local, "S: * OK *",
    "C: a AUTHENTICATE TALK YWxpY2U=", "S: + c3VyZT8=", "C: bm8=", "S: a NO [AUTHENTICATIONFAILED] *",
    "C: b AUTHENTICATE TALK Ym9i", "S: + c3VyZT8=", "C: eWVz", "S: b NO [AUTHENTICATIONFAILED] *",
    "C: c AUTHENTICATE NAME Y2Fyb2w=", "S: c NO [AUTHENTICATIONFAILED] *",
    "C: d AUTHENTICATE TALK YWxpY2U=", "S: + c3VyZT8=", "C: YXdheQ==", "S: d NO [UNAVAILABLE] *",
    "C: e AUTHENTICATE TALK YWxpY2U=", "S: + c3VyZT8=", "C: cnViYmlzaA==", "S: e BAD That is no response *",
    "C: f AUTHENTICATE TALK YWxpY2U=", "S: + c3VyZT8=", "C: eWVz=", "S: f BAD The response is not base64",
    "C: g AUTHENTICATE NAME YWxpY2U=", "S: g OK *");

/* The client speaks first, so an empty challenge asks for it; "=" is an initial response of nothing. */
STORY(one_response, local, "S: * OK *",
    "C: a AUTHENTICATE NAME", "S: + ", "C: YWxpY2U=", "S: a OK *");
STORY(an_empty_response, local, "S: * OK *",
    "C: a AUTHENTICATE NAME =", "S: a NO [AUTHENTICATIONFAILED] *",
    "C: b AUTHENTICATE NAME", "S: + ", "C: ", "S: b NO [AUTHENTICATIONFAILED] *");

STORY(a_token, local, "S: * OK *",
    "C: a AUTHENTICATE TOKEN YmFk", "S: + e30=", "C: AQ==", "S: a NO [AUTHENTICATIONFAILED] *",
    "C: b AUTHENTICATE TOKEN Z29vZCBhbGljZQ==", "S: b OK *");

STORY(what_is_not_offered, local, "S: * OK *",
    "C: a AUTHENTICATE TALK-PLUS", "S: a NO [CANNOT] *",	/* nothing to bind to */
    "C: b AUTHENTICATE EXTERNAL", "S: b NO [CANNOT] *",		/* no certificate     */
    "C: c AUTHENTICATE APOP", "S: c NO [CANNOT] *",		/* POP3's             */
    "C: d AUTHENTICATE TAL", "S: d NO [CANNOT] *");

STORY(over_a_line_that_others_read, remote, "S: * OK *",
    "C: a AUTHENTICATE TOKEN Z29vZCBhbGljZQ==", "S: a NO [PRIVACYREQUIRED] *",
    "C: b AUTHENTICATE TALK YWxpY2U=", "S: + c3VyZT8=", "C: eWVz", "S: + *", "C: ", "S: b OK *");

static void
giving_up(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &local);
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK *");
	client_send(c, "a AUTHENTICATE TALK\r\n");
	client_expect(c, "+ d2hvPw==");
	client_send(c, "*\r\n");
	client_expect(c, "a BAD Cancelled");
	assert_int_equal(s.harness.auth.talks, 1);
	assert_int_equal(s.harness.auth.cancelled, 1);
	story_end(&s);
}

static void
bound_to_tls(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &local);
	harness_use_tls(&s.harness);
	struct client *c = s.clients[1] = harness_connect_tls(&s.harness, &imap_protocol);
	client_expect(c, "* OK [CAPABILITY * AUTH=TALK-PLUS AUTH=TALK *");
	client_send(c, "a AUTHENTICATE TALK-PLUS YWxpY2U=\r\n");
	client_expect(c, "+ c3VyZT8=");
	assert_int_equal(s.harness.auth.exporter, 32);
	client_send(c, "eWVz\r\n");
	client_expect(c, "+ d2VsY29tZQ==");
	client_send(c, "\r\n");
	client_expect(c, "a OK *");
	story_end(&s);
}

/* Tokens are long. */
static void
long_responses(void **state)
{
	struct story s;
	struct buf line;

	(void)state;
	buf_init(&line, 0);
	buf_str(&line, "a AUTHENTICATE TOKEN ");
	for (int i = 0; i < 15000; i++)
		buf_str(&line, "AAAA");
	buf_str(&line, "\r\n");
	story_begin(&s, &local);
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK *");
	client_send_bytes(c, line.at, line.len);
	client_expect(c, "+ e30=");
	client_send(c, "AQ==\r\n");
	client_expect(c, "a NO *");
	client_send(c, "b AUTHENTICATE TALK\r\n");
	client_expect(c, "+ *");
	client_send_bytes(c, line.at, line.len - 2);
	client_send_bytes(c, line.at, line.len);
	client_expect(c, "b BAD The response is too long");
	client_send(c, "c NOOP\r\n");
	client_expect(c, "c OK *");
	story_end(&s);
	buf_release(&line);
}

static void
offers_of_an_older_authsvc(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &local);
	s.harness.auth.plain_only = true;
	client_expect(story_client(&s, 1), "* OK [CAPABILITY * IDLE AUTH=PLAIN AUTH=LOGIN] *");
	story_end(&s);
}

/* Before authsvc has answered, there are passwords; afterwards, all there is. */
static void
offers_that_are_not_known_yet(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &local);
	s.harness.no_offers = true;
	wire_cut(s.harness.auth_wire, true);
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK [CAPABILITY * IDLE AUTH=PLAIN AUTH=LOGIN] *");
	client_send(c, "a AUTHENTICATE TALK\r\n");
	client_expect(c, "a NO [CANNOT] *");
	wire_cut(s.harness.auth_wire, false);
	harness_run(&s.harness, 100);
	client_send(c, "b AUTHENTICATE NAME YWxpY2U=\r\n");
	client_expect(c, "b OK *");
	story_end(&s);
}

static void
auth_is_away(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &local);
	s.harness.config.store_wait = 50;
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK *");
	client_send(c, "a AUTHENTICATE TALK\r\n");
	client_expect(c, "+ *");
	wire_cut(s.harness.auth_wire, true);
	client_send(c, "YWxpY2U=\r\n");
	client_expect(c, "a NO [UNAVAILABLE] *");
	wire_cut(s.harness.auth_wire, false);
	client_send(c, "b AUTHENTICATE NAME YWxpY2U=\r\n");
	client_expect(c, "b OK *");
	story_end(&s);
}

/* Whoever hangs up in the middle leaves nothing behind. */
static void
hanging_up(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &local);
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK *");
	client_send(c, "a AUTHENTICATE TALK\r\n");
	client_expect(c, "+ *");
	client_free(&s.clients[1]);
	harness_run(&s.harness, 50);
	assert_int_equal(harness_sessions(&s.harness), 0);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_responses),
		cmocka_unit_test(the_first_at_once),
		cmocka_unit_test(no_other_word_after_success),
		cmocka_unit_test(refusals),
		cmocka_unit_test(one_response),
		cmocka_unit_test(an_empty_response),
		cmocka_unit_test(a_token),
		cmocka_unit_test(what_is_not_offered),
		cmocka_unit_test(over_a_line_that_others_read),
		cmocka_unit_test(giving_up),
		cmocka_unit_test(bound_to_tls),
		cmocka_unit_test(long_responses),
		cmocka_unit_test(offers_of_an_older_authsvc),
		cmocka_unit_test(offers_that_are_not_known_yet),
		cmocka_unit_test(auth_is_away),
		cmocka_unit_test(hanging_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
