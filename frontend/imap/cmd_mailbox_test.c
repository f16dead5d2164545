/*
 * cmd_mailbox_test.c - making, naming, listing and counting mailboxes
 */
#include "frontend/imap/imap_story_test.h"

static const struct story_settings usual = { .prefix = NULL };
static const struct story_settings courier = { .prefix = "INBOX.", .separator = "." };
static const struct story_settings dots = { .prefix = "", .separator = "." };
static const struct story_settings below_mail = { .prefix = "Mail/", .separator = "/" };

STORY(create_and_delete, usual,
    "C: a CREATE Work", "S: a OK CREATE completed",
    "C: b CREATE Work", "S: b NO [ALREADYEXISTS] *",
    "C: c CREATE Work/2024/", "S: c OK CREATE completed",
    "C: d CREATE work//x", "S: d NO [CANNOT] *",
    "C: e CREATE &", "S: e NO [CANNOT] *",
    "C: f CREATE {2+}", "C: \xc3\xa9", "S: f NO [CANNOT] *",
    "C: g CREATE inbox", "S: g NO [ALREADYEXISTS] *",
    "C: h CREATE x (USE (\\Sent))", "S: h OK *",
    "C: i CREATE y (USE (\\Nonsense))", "S: i NO [USEATTR] *",
    "C: j CREATE y (USE (\\Sent \\Trash))", "S: j NO [USEATTR] *",
    "C: k CREATE", "S: k BAD *",
    "C: l DELETE Work", "S: l OK DELETE completed",
    "C: m DELETE Work", "S: m NO [NONEXISTENT] *",
    "C: n DELETE \"a b", "S: n BAD *",
    "C: o DELETE &AC4-", "S: o NO [CANNOT] *");

STORY(rename_mailbox, usual,
    "C: a CREATE one", "S: a OK *", "C: b CREATE two", "S: b OK *",
    "C: c RENAME one two", "S: c NO [ALREADYEXISTS] *",
    "C: d RENAME three four", "S: d NO [NONEXISTENT] *",
    "C: e RENAME one \"a//b\"", "S: e NO [CANNOT] *",
    "C: f RENAME one \"one more\"", "S: f OK RENAME completed",
    "C: g STATUS \"one more\" (MESSAGES)", "S: * STATUS \"one more\" (MESSAGES 0)", "S: g OK *",
    "C: h RENAME one", "S: h BAD *");

STORY(delete_what_is_selected, usual,
    "C: a CREATE x", "S: a OK *", "C: b SELECT x", "S~ b OK *",
    "C: c DELETE x", "S: * OK [CLOSED] *", "S: c OK *", "C: d FETCH 1 FLAGS", "S: d BAD No mailbox is selected",
    "C: e CREATE y", "S: e OK *", "C: f SELECT y", "S~ f OK *",
    "2C: a DELETE y", "2S: a OK *",
    "C: g STORE 1:* FLAGS ()", "S: g BAD There are no messages with such numbers",
    "C: h EXPUNGE", "S: * BYE The selected mailbox is no more", "S: h NO [NONEXISTENT] *", "##");

STORY(rename_what_is_selected, usual,
    "C: a CREATE x", "S: a OK *", "C: b SELECT x", "S~ b OK *", "C: c RENAME x y", "S: c OK *",
    "C: d NOOP", "S: d OK *", "C: e UID SEARCH ALL", "S: * SEARCH", "S: e OK *",
    "C: f DELETE y", "S: * OK [CLOSED] *", "S: f OK *", "C: g NOOP", "S: g OK *",
    "C: h CREATE a", "S: h OK *", "C: h CREATE ab", "S: h OK *", "C: i SELECT ab", "S~ i OK *",
    "C: j RENAME a b", "S: j OK *", "C: k NOOP", "S: k OK *");

STORY(status, usual,
    "D: INBOX", "D: INBOX",
    "C: a STATUS inbox (MESSAGES UIDNEXT UNSEEN)", "S: * STATUS \"INBOX\" (MESSAGES 2 UIDNEXT 3 UNSEEN 2)", "S: a OK *",
    "C: b STATUS INBOX (RECENT UIDVALIDITY SIZE DELETED)",
    "S: * STATUS \"INBOX\" (RECENT 0 UIDVALIDITY 1001 SIZE 130 DELETED 0)", "S: b OK *",
    "C: c STATUS nothing (MESSAGES)", "S: c NO [NONEXISTENT] *",
    "C: d STATUS INBOX (FOO)", "S: d BAD Unknown status item",
    "C: e STATUS INBOX ()", "S: e BAD *",
    "C: f STATUS a//b (MESSAGES)", "S: f NO [CANNOT] *",
    "C: g CREATE &AOk-", "S: g OK *",
    "C: h STATUS &AOk- (MESSAGES)", "S: * STATUS \"&AOk-\" (MESSAGES 0)", "S: h OK *");

STORY(list, usual,
    "C: a LIST \"\" \"\"", "S: * LIST (\\Noselect) \"/\" \"\"", "S: a OK *",
    "C: b LIST \"\" *", "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"", "S: b OK LIST completed",
    "C: c CREATE Work", "S: c OK *", "C: c CREATE Work/2024", "S: c OK *", "C: c CREATE \"a.b\"", "S: c OK *",
    "C: c CREATE \"q\\\"uote\"", "S: c OK *",
    "C: d LIST \"\" %", "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"", "S: * LIST (\\HasChildren) \"/\" \"Work\"",
    "S: * LIST (\\HasNoChildren) \"/\" \"a.b\"", "S: * LIST (\\HasNoChildren) \"/\" \"q\\\"uote\"", "S: d OK *",
    "C: e LIST Work/ %", "S: * LIST (\\HasNoChildren) \"/\" \"Work/2024\"", "S: e OK *",
    "C: f LIST \"\" W%*4", "S: * LIST (\\HasNoChildren) \"/\" \"Work/2024\"", "S: f OK *",
    "C: g LIST \"\" inbox", "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"", "S: g OK *",
    "C: h LIST \"\" nothing", "S: h OK *",
    "C: i LIST \"\" &bad", "S: i OK *",
    "C: j LIST \"\"", "S: j BAD *");

STORY(subscriptions, usual,
    "C: a CREATE Work", "S: a OK *", "C: a CREATE Work/2024", "S: a OK *", "C: a CREATE Play", "S: a OK *",
    "C: b SUBSCRIBE Work/2024", "S: b OK SUBSCRIBE completed", "C: b SUBSCRIBE Play", "S: b OK *",
    "C: b SUBSCRIBE Gone/x", "S: b OK *", "C: b SUBSCRIBE a//b", "S: b NO [CANNOT] *",
    "C: c LSUB \"\" *", "S: * LSUB () \"/\" \"Work/2024\"", "S: * LSUB () \"/\" \"Play\"", "S: * LSUB () \"/\" \"Gone/x\"",
    "S: c OK LSUB completed",
    "C: d LSUB \"\" %", "S: * LSUB (\\Noselect) \"/\" \"Work\"", "S: * LSUB () \"/\" \"Play\"",
    "S: * LSUB (\\Noselect) \"/\" \"Gone\"", "S: d OK *",
    "C: e LIST (SUBSCRIBED) \"\" *", "S: * LIST (\\Subscribed \\HasNoChildren) \"/\" \"Work/2024\"",
    "S: * LIST (\\Subscribed \\HasNoChildren) \"/\" \"Play\"",
    "S: * LIST (\\NonExistent \\Subscribed \\HasNoChildren) \"/\" \"Gone/x\"", "S: e OK *",
    "C: f LIST (SUBSCRIBED) \"\" %", "S: * LIST (\\Subscribed \\HasNoChildren) \"/\" \"Play\"", "S: f OK *",
    "C: g LIST (SUBSCRIBED RECURSIVEMATCH) \"\" W%",
    "S: * LIST (\\HasChildren) \"/\" \"Work\" (\"CHILDINFO\" (\"SUBSCRIBED\"))", "S: g OK *",
    "C: h LIST \"\" (W% Pl%) RETURN (SUBSCRIBED CHILDREN)", "S: * LIST (\\HasChildren) \"/\" \"Work\"",
    "S: * LIST (\\Subscribed \\HasNoChildren) \"/\" \"Play\"", "S: h OK *",
    "C: i UNSUBSCRIBE Play", "S: i OK UNSUBSCRIBE completed",
    "C: j LIST (SUBSCRIBED) \"\" P*", "S: j OK *",
    "C: k LSUB \"\" \"\"", "S: * LSUB (\\Noselect) \"/\" \"\"", "S: k OK *",
    "C: l LIST (RECURSIVEMATCH) \"\" *", "S: l BAD *");

STORY(list_with_status, usual,
    "D: INBOX", "C: a CREATE Work", "S: a OK *",
    "C: b LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN))",
    "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"", "S: * STATUS \"INBOX\" (MESSAGES 1 UNSEEN 1)",
    "S: * LIST (\\HasNoChildren) \"/\" \"Work\"", "S: * STATUS \"Work\" (MESSAGES 0 UNSEEN 0)", "S: b OK *");

STORY(the_view_of_courier, courier,
    "D: INBOX",
    "C: a NAMESPACE", "S: * NAMESPACE ((\"INBOX.\" \".\")) NIL NIL", "S: a OK *",
    "C: b CREATE INBOX.Sent", "S: b OK *", "C: b CREATE INBOX.Work.2024", "S: b OK *",
    "C: b CREATE Trash", "S: b NO [CANNOT] Mailbox names here begin with INBOX.",
    "C: c SELECT Sent", "S: c NO [NONEXISTENT] *",
    "C: d LIST \"\" *", "S: * LIST (\\HasChildren) \".\" \"INBOX\"", "S: * LIST (\\HasNoChildren) \".\" \"INBOX.Sent\"",
    "S: * LIST (\\HasNoChildren) \".\" \"INBOX.Work.2024\"", "S: d OK *",
    "C: e LIST \"\" %", "S: * LIST (\\HasChildren) \".\" \"INBOX\"", "S: e OK *",
    "C: f LIST \"\" inbox", "S: * LIST (\\HasChildren) \".\" \"INBOX\"", "S: f OK *",
    "C: g LIST INBOX. %", "S: * LIST (\\HasNoChildren) \".\" \"INBOX.Sent\"", "S: g OK *",
    "C: h LIST \"INBOX.\" \"\"", "S: * LIST (\\Noselect) \".\" \"INBOX.\"", "S: h OK *",
    "C: i SUBSCRIBE inbox.Work.2024", "S: i OK *",
    "C: j LSUB \"\" INBOX.%", "S: * LSUB (\\Noselect) \".\" \"INBOX.Work\"", "S: j OK *",
    "C: k STATUS INBOX.Sent (MESSAGES)", "S: * STATUS \"INBOX.Sent\" (MESSAGES 0)", "S: k OK *",
    "C: l SELECT INBOX.Sent", "S~ l OK [READ-WRITE] *");

STORY(dots_without_a_prefix, dots,
    "C: a NAMESPACE", "S: * NAMESPACE ((\"\" \".\")) NIL NIL", "S: a OK *",
    "C: b CREATE Work.2024", "S: b OK *", "C: c CREATE &AC4-hidden", "S: c OK *",
    "C: d LIST \"\" W*", "S: * LIST (\\HasNoChildren) \".\" \"Work.2024\"", "S: d OK *",
    "C: e LIST \"\" &AC4-*", "S: * LIST (\\HasNoChildren) \".\" \"&AC4-hidden\"", "S: e OK *",
    "C: f CREATE a/b", "S: f NO [CANNOT] *");

STORY(a_prefix_that_is_no_mailbox, below_mail,
    "C: a CREATE Mail/x", "S: a OK *",
    "C: b LIST \"\" %", "S: * LIST (\\Noselect \\HasChildren) \"/\" \"Mail\"",
    "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"", "S: b OK *",
    "C: c LIST \"\" Mail/%", "S: * LIST (\\HasNoChildren) \"/\" \"Mail/x\"", "S: c OK *");

static void
store_is_away(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, &usual);
	s.harness.config.store_wait = 50;
	struct client *c = story_client(&s, 1);
	wire_cut(s.harness.store_wire, true);
	client_send(c, "a LIST \"\" *\r\nb SELECT INBOX\r\nc NOOP\r\nd CREATE x\r\n");
	client_expect(c, "a NO [UNAVAILABLE] *");
	client_expect(c, "b NO [UNAVAILABLE] *");
	client_expect(c, "c OK *");
	client_expect(c, "d NO [UNAVAILABLE] *");
	wire_cut(s.harness.store_wire, false);
	client_send(c, "e SELECT INBOX\r\n");
	client_expect_later(c, "e OK *");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_and_delete),
		cmocka_unit_test(rename_mailbox),
		cmocka_unit_test(delete_what_is_selected),
		cmocka_unit_test(rename_what_is_selected),
		cmocka_unit_test(status),
		cmocka_unit_test(list),
		cmocka_unit_test(subscriptions),
		cmocka_unit_test(list_with_status),
		cmocka_unit_test(the_view_of_courier),
		cmocka_unit_test(dots_without_a_prefix),
		cmocka_unit_test(a_prefix_that_is_no_mailbox),
		cmocka_unit_test(store_is_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
