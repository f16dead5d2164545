/*
 * cmd_login_test.c - from the greeting to the login: CAPABILITY, LOGIN, AUTHENTICATE, STARTTLS, ID, LOGOUT
 */
#include "frontend/imap/imap_story_test.h"

static const struct story_settings local = { .not_logged_in = true };
static const struct story_settings remote = { .not_logged_in = true, .remote = true };
static const struct story_settings with_tls = { .not_logged_in = true, .remote = true, .tls = true };

STORY(greeting, local,
    "S: * OK [CAPABILITY IMAP4rev1 * AUTH=TALK AUTH=NAME AUTH=TOKEN AUTH=PLAIN AUTH=LOGIN] Posthouse is ready",
    "C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE AUTH=TALK * AUTH=PLAIN AUTH=LOGIN",
    "S: a OK CAPABILITY completed",
    "C: b NOOP", "S: b OK NOOP completed",
    "C: c ID NIL", "S: * ID (\"name\" \"Posthouse\")", "S: c OK ID completed",
    "C: d LOGOUT", "S: * BYE *", "S: d OK LOGOUT completed", "##");

STORY(login, local, "S: * OK *",
    "C: a LOGIN alice wrong", "S: a NO [AUTHENTICATIONFAILED] Wrong user or password",
    "C: b LOGIN nobody alice-demo", "S: b NO [AUTHENTICATIONFAILED] Wrong user or password",
    "C: c LOGIN \"\" x", "S: c NO [AUTHENTICATIONFAILED] *",
    "C: d LOGIN alice", "S: d BAD Arguments are missing",
    "C: e SELECT INBOX", "S: e BAD Please log in first",
    "C: f LOGIN \"alice\" {10}", "S: + OK", "C: alice-demo",
    "S: f OK [CAPABILITY IMAP4rev1 * NAMESPACE UIDPLUS * QRESYNC] Logged in",
    "C: g LOGIN alice alice-demo", "S: g BAD You are logged in already",
    "C: h AUTHENTICATE PLAIN", "S: h BAD You are logged in already",
    "C: i CAPABILITY", "S: * CAPABILITY *MOVE CHILDREN SPECIAL-USE*", "S: i OK *");

STORY(login_with_literals_at_once, local, "S: * OK *",
    "C> a LOGIN {5+}\r\nalice {10+}\r\nalice-demo\r\nb NOOP\r\n", "S: a OK *", "S: b OK *");

STORY(authenticate_plain, local, "S: * OK *",
    "C: a AUTHENTICATE PLAIN", "S: + ", "C: AGFsaWNlAGFsaWNlLWRlbW8=", "S: a OK [CAPABILITY *] Logged in");

STORY(authenticate_plain_at_once, local, "S: * OK *",
    "C: a AUTHENTICATE PLAIN AGFsaWNlAHdyb25n", "S: a NO [AUTHENTICATIONFAILED] *",
    "C: b authenticate plain AGFsaWNlAGFsaWNlLWRlbW8=", "S: b OK [CAPABILITY *] Logged in");

STORY(authenticate_login, local, "S: * OK *",
    "C: a AUTHENTICATE LOGIN", "S: + VXNlcm5hbWU6", "C: YWxpY2U=", "S: + UGFzc3dvcmQ6", "C: YWxpY2UtZGVtbw==",
    "S: a OK [CAPABILITY *] Logged in");

STORY(authenticate_login_at_once, local, "S: * OK *",
    "C: a AUTHENTICATE LOGIN YWxpY2U=", "S: + UGFzc3dvcmQ6", "C: YWxpY2UtZGVtbw==", "S: a OK *");

STORY(authenticate_mistakes, local, "S: * OK *",
    "C: a AUTHENTICATE PLAIN", "S: + ", "C: *", "S: a BAD Cancelled",
    "C: b AUTHENTICATE PLAIN", "S: + ", "C: not base64!", "S: b BAD The response is not base64",
    "C: c AUTHENTICATE PLAIN AAA=", "S: c BAD That is no response of PLAIN",
    "C: d AUTHENTICATE PLAIN =", "S: d BAD That is no response of PLAIN",
    "C: e AUTHENTICATE GSSAPI", "S: e NO [CANNOT] *",
    "C: f AUTHENTICATE LOGIN", "S: + *", "C: *", "S: f BAD *",
    "C: g AUTHENTICATE LOGIN =", "S: + UGFzc3dvcmQ6", "C: eA==", "S: g NO [AUTHENTICATIONFAILED] *",
    "C: h NOOP", "S: h OK *");

STORY(no_password_in_the_clear, remote,
    "S: * OK [CAPABILITY * LOGINDISABLED AUTH=TALK AUTH=NAME] *",
    "C: a LOGIN alice alice-demo", "S: a NO [PRIVACYREQUIRED] *",
    "C: b AUTHENTICATE PLAIN AGFsaWNlAGFsaWNlLWRlbW8=", "S: b NO [PRIVACYREQUIRED] *",
    "C: c STARTTLS", "S: c BAD TLS is not configured");

STORY(starttls_is_offered, with_tls, "S: * OK [CAPABILITY *STARTTLS LOGINDISABLED AUTH=TALK AUTH=NAME] *",
    "C: a LOGIN alice alice-demo", "S: a NO [PRIVACYREQUIRED] *", "C: b STARTTLS x", "S: b BAD *");

static void
starttls(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &with_tls);
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK *");
	client_send(c, "a STARTTLS\r\nb LOGIN mallory injected\r\n");	/* what follows in plaintext is not run */
	client_expect(c, "a OK *");
	client_start_tls(c);
	client_send(c, "c CAPABILITY\r\n");
	client_expect(c, "* CAPABILITY * AUTH=TALK-PLUS AUTH=TALK AUTH=NAME AUTH=TOKEN AUTH=PLAIN AUTH=LOGIN");
	client_expect(c, "c OK *");
	client_send(c, "d STARTTLS\r\ne LOGIN alice alice-demo\r\n");
	client_expect(c, "d BAD TLS is active already");
	client_expect(c, "e OK *");
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
	wire_cut(s.harness.auth_wire, true);
	client_send(c, "a LOGIN alice alice-demo\r\n");
	client_expect(c, "a NO [UNAVAILABLE] *");
	wire_cut(s.harness.auth_wire, false);
	client_send(c, "b LOGIN alice alice-demo\r\n");
	client_expect(c, "b OK *");
	story_end(&s);
}

STORY(nonsense, local, "S: * OK *",
    "C: ", "S: * BAD *", "C: a", "S: a BAD Arguments are missing", "C: a FROBNICATE", "S: a BAD Unknown command",
    "C: + NOOP", "S: * BAD A tag is expected", "C: a UID NOOP", "S: a BAD Unknown command",
    "C: a NOOP x", "S: a BAD Too many arguments", "C> a NOOP\n", "S: a OK *");

STORY(too_much_nonsense, local, "S: * OK *",
    "C: 1", "S: 1 BAD *", "C: 2", "S: 2 BAD *", "C: 3", "S: 3 BAD *", "C: 4", "S: 4 BAD *", "C: 5", "S: 5 BAD *",
    "C: 6", "S: 6 BAD *", "C: 7", "S: 7 BAD *", "C: 8", "S: 8 BAD *", "C: 9", "S: 9 BAD *", "C: 10",
    "S: * BYE Too many invalid commands", "##");

static void
too_long(void **state)
{
	struct story s;
	struct buf line;

	(void)state;
	buf_init(&line, 0);
	buf_str(&line, "a LOGIN ");
	for (int i = 0; i < 100000; i++)
		buf_char(&line, 'x');
	buf_str(&line, "\r\nb NOOP\r\n");
	story_begin(&s, &local);
	struct client *c = story_client(&s, 1);
	client_expect(c, "* OK *");
	client_send_bytes(c, line.at, line.len);
	client_expect(c, "a BAD [LIMIT] *");
	client_expect(c, "b OK *");
	client_send(c, "c LOGIN {1000000}\r\n");
	client_expect(c, "c BAD [LIMIT] *");
	client_send(c, "d NOOP\r\n");
	client_expect(c, "d OK *");
	story_end(&s);
	buf_release(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greeting),
		cmocka_unit_test(login),
		cmocka_unit_test(login_with_literals_at_once),
		cmocka_unit_test(authenticate_plain),
		cmocka_unit_test(authenticate_plain_at_once),
		cmocka_unit_test(authenticate_login),
		cmocka_unit_test(authenticate_login_at_once),
		cmocka_unit_test(authenticate_mistakes),
		cmocka_unit_test(no_password_in_the_clear),
		cmocka_unit_test(starttls_is_offered),
		cmocka_unit_test(starttls),
		cmocka_unit_test(auth_is_away),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(too_much_nonsense),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
