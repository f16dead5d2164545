/*
 * cmd_condstore_test.c - ENABLE, CONDSTORE and QRESYNC (RFC 5161, RFC 7162)
 */
#include "frontend/imap/imap_story_test.h"

static const struct story_settings usual = { .prefix = NULL };

STORY(enable, usual,
    "C: a ENABLE CONDSTORE X-NONSENSE", "S: * ENABLED CONDSTORE", "S: a OK ENABLE completed",
    "C: b ENABLE X-NONSENSE", "S: * ENABLED", "S: b OK *",
    "C: c ENABLE QRESYNC", "S: * ENABLED QRESYNC", "S: c OK *",
    "C: d ENABLE", "S: d BAD *");

STORY(enable_while_selected, usual,
    "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b ENABLE CONDSTORE", "S: * ENABLED CONDSTORE", "S: * OK [HIGHESTMODSEQ 2] *", "S: b OK *",
    "C: c ENABLE QRESYNC", "S: * ENABLED QRESYNC", "S: c OK *");

/* What turns CONDSTORE on (RFC 7162 3.1), each in a session of its own. */
STORY(enabled_by_select, usual,
    "D: INBOX", "C: a SELECT INBOX (CONDSTORE)", "S~ a OK *",
    "C: b STORE 1 +FLAGS (\\Seen)", "S: * 1 FETCH (MODSEQ (3) FLAGS (\\Seen))", "S: b OK *");
STORY(enabled_by_fetch, usual,
    "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b FETCH 1 (MODSEQ)", "S: * OK [HIGHESTMODSEQ 2] *", "S: * 1 FETCH (MODSEQ (2))", "S: b OK *",
    "C: c FETCH 1 (UID) (CHANGEDSINCE 2)", "S: c OK *",
    "C: d FETCH 1 (UID) (CHANGEDSINCE 1)", "S: * 1 FETCH (UID 1 MODSEQ (2))", "S: d OK *");
STORY(enabled_by_status, usual,
    "C: a STATUS INBOX (HIGHESTMODSEQ)", "S: * STATUS \"INBOX\" (HIGHESTMODSEQ 1)", "S: a OK *",
    "D: INBOX", "C: b SELECT INBOX", "S~ b OK *",
    "C: c STORE 1 +FLAGS (\\Seen)", "S: * 1 FETCH (MODSEQ (3) FLAGS (\\Seen))", "S: c OK *");
STORY(enabled_by_search, usual,
    "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b SEARCH MODSEQ 3", "S: * OK [HIGHESTMODSEQ 3] *", "S: * SEARCH 2 (MODSEQ 3)", "S: b OK *",
    "C: c SEARCH RETURN (COUNT) MODSEQ 2", "S: * ESEARCH (TAG \"c\") COUNT 2 MODSEQ 3", "S: c OK *",
    "C: d SEARCH MODSEQ 99", "S: * SEARCH", "S: d OK *");

STORY(unchangedsince, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b UID STORE 1,3 (UNCHANGEDSINCE 3) +FLAGS (\\Seen)", "S: * OK [HIGHESTMODSEQ 4] *",
    "S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\\Seen))", "S: b OK [MODIFIED 3] *",
    "C: c STORE 1 +FLAGS.SILENT (\\Deleted)", "S: * 1 FETCH (MODSEQ (6))", "S: c OK *",
    "C: d EXPUNGE", "S: * 1 EXPUNGE", "S: d OK [HIGHESTMODSEQ 7] *",
    "C: e STORE 1:2 (UNCHANGEDSINCE 3) FLAGS ()", "S: * 1 FETCH (MODSEQ (8) FLAGS ())", "S: e OK [MODIFIED 2] *",
    "C: f STORE 1 (UNCHANGEDSINCE) FLAGS ()", "S: f BAD *");

STORY(flags_of_others_carry_modseq, usual,
    "D: INBOX", "C: a SELECT INBOX (CONDSTORE)", "S~ a OK *", "2C: a SELECT INBOX", "2S~ a OK *",
    "2C: b STORE 1 +FLAGS (\\Seen)", "2S: * 1 FETCH (FLAGS (\\Seen))", "2S: b OK *",
    "C: b NOOP", "S: * 1 FETCH (*MODSEQ (3)*", "S: b OK *");

STORY(qresync_has_to_be_enabled, usual,
    "D: INBOX", "C: a SELECT INBOX (QRESYNC (1001 1))", "S: a BAD QRESYNC has to be enabled first",
    "C: b SELECT INBOX", "S~ b OK *",
    "C: c UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)", "S: c BAD QRESYNC has to be enabled first",
    "C: d ENABLE QRESYNC", "S: * ENABLED QRESYNC", "S~ d OK *",
    "C: e FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)", "S: e BAD *",
    "C: f UID FETCH 1:* (FLAGS) (VANISHED)", "S: f BAD *");

STORY(vanished, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "D: INBOX", "C: a ENABLE QRESYNC", "S: * ENABLED QRESYNC", "S: a OK *",
    "C: b SELECT INBOX", "S~ b OK *",
    "C: c STORE 2:3 +FLAGS.SILENT (\\Deleted)", "S: * 2 FETCH *", "S: * 3 FETCH *", "S: c OK *",
    "C: d EXPUNGE", "S: * VANISHED 2:3", "S: d OK [HIGHESTMODSEQ 8] *",
    "C: e MOVE 1 nothing", "S: e NO [TRYCREATE] *",
    "C: f CREATE x", "S: f OK *", "C: g MOVE 1 x", "S: * OK [COPYUID * 1 1] *", "S: * VANISHED 1", "S: g OK *",
    "C: h UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)", "S: * VANISHED (EARLIER) 1:3", "S: h OK *",
    "C: i UID FETCH 2 (FLAGS) (CHANGEDSINCE 5 VANISHED)", "S: * VANISHED (EARLIER) 2", "S: i OK *",
    "C: j UID FETCH 4 (FLAGS) (CHANGEDSINCE 1 VANISHED)", "S: * 1 FETCH (FLAGS () MODSEQ (5) UID 4)", "S: j OK *",
    "C: k STORE 1 +FLAGS.SILENT (\\Deleted)", "S: * 1 FETCH *", "S: k OK *",
    "C: l CLOSE", "S: l OK [HIGHESTMODSEQ 11] CLOSE completed");

STORY(vanished_by_others_comes_later, usual,
    "D: INBOX", "D: INBOX", "C: a ENABLE QRESYNC", "S~ a OK *", "C: b SELECT INBOX", "S~ b OK *",
    "2C: a SELECT INBOX", "2S~ a OK *", "2C: b STORE 1 +FLAGS.SILENT (\\Deleted)", "2S: b OK *",
    "2C: c EXPUNGE", "2S: * 1 EXPUNGE", "2S: c OK *",
    "C: c FETCH 2 (UID)", "S: * 2 FETCH (UID 2)", "S: c OK *",
    "C: d UID SEARCH 2", "S: * SEARCH 2", "S: d OK *",
    "C: e UID SEARCH UID 2", "S: * SEARCH 2", "S: * VANISHED 1", "S: e OK *");

STORY(resynchronise, usual,
    "D: INBOX", "D: INBOX", "D: INBOX", "C: a SELECT INBOX", "S~ a OK *",
    "C: b STORE 1 +FLAGS.SILENT (\\Deleted)", "S: b OK *", "C: c EXPUNGE", "S: * 1 EXPUNGE", "S: c OK *",
    "C: d STORE 2 +FLAGS.SILENT (\\Seen)", "S: d OK *",
    "2C: a ENABLE QRESYNC", "2S~ a OK *",
    "2C: b SELECT INBOX (QRESYNC (1001 4 1:3 (1,3 1,3)))", "2S: * FLAGS *", "2S~ * OK [HIGHESTMODSEQ 7] *",
    "2S: * VANISHED (EARLIER) 1", "2S: * 2 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (7))",
    "2S: b OK [READ-WRITE] *",
    "2C: c SELECT INBOX (QRESYNC (999 4))", "2S: * OK [CLOSED] *", "2S~ * OK [HIGHESTMODSEQ 7] *", "2S: c OK *",
    "2C: d SELECT INBOX (QRESYNC (1001 4 1:3 (1 1:2)))", "2S: d BAD *",
    "2C: e SELECT INBOX (QRESYNC (1001 4) CONDSTORE)", "2S: * OK [CLOSED] *", "2S~ e OK *");

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enable),
		cmocka_unit_test(enable_while_selected),
		cmocka_unit_test(enabled_by_select),
		cmocka_unit_test(enabled_by_fetch),
		cmocka_unit_test(enabled_by_status),
		cmocka_unit_test(enabled_by_search),
		cmocka_unit_test(unchangedsince),
		cmocka_unit_test(flags_of_others_carry_modseq),
		cmocka_unit_test(qresync_has_to_be_enabled),
		cmocka_unit_test(vanished),
		cmocka_unit_test(vanished_by_others_comes_later),
		cmocka_unit_test(resynchronise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
