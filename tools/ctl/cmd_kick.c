/*
 * cmd_kick.c - end sessions
 *
 * A name of twelve hexadecimal digits is a session's, as `who` shows it; when there is no
 * such session it is an account's after all.
 */
#include <string.h>

#include "tools/ctl/commands.h"
#include "tools/ctl/place.h"

enum { SESSION_ID_LEN = 12 };

static bool
may_be_session(const char *whom)
{
	return strlen(whom) == SESSION_ID_LEN && strspn(whom, "0123456789abcdef") == SESSION_ID_LEN;
}

/* On all frontends; how many there were. */
static unsigned
kick(struct ctl *c, Posthouse__KickRequest *request, json_t *rows)
{
	struct place *p = NULL;
	unsigned all = 0;

	while ((p = place_next_there(c, p, PLACE_FRONTEND))) {
		const Posthouse__KickReply *reply = place_call(c, p, PLACE_OWN, "Kick", &request->base, 0);
		if (!reply || !reply->sessions)
			continue;
		json_t *row = json_pack("{s:o,s:i}", "frontend", ctl_text(p->url), "sessions",
		    (int)reply->sessions);
		json_array_append_new(rows, row);
		all += reply->sessions;
	}
	return all;
}

unsigned
kick_account(struct ctl *c, const char *account)
{
	Posthouse__KickRequest request = POSTHOUSE__KICK_REQUEST__INIT;
	json_t *rows = json_array();

	request.account = (char *)(uintptr_t)account;
	unsigned count = kick(c, &request, rows);
	json_decref(rows);
	return count;
}

void
cmd_kick(struct ctl *c)
{
	Posthouse__KickRequest request = POSTHOUSE__KICK_REQUEST__INIT;
	json_t *rows = json_array();
	unsigned count = 0;

	request.at_once = ctl_flag(c, "--now");
	char *whom = (char *)(uintptr_t)ctl_word(c, "an account or a session");
	ctl_no_more_words(c);
	if (may_be_session(whom)) {
		request.session = whom;
		count = kick(c, &request, rows);
		request.session = (char *)(uintptr_t)"";
	}
	if (!count) {
		request.account = whom;
		count = kick(c, &request, rows);
	}
	if (!count)
		ctl_not_well(c);
	ctl_say(c, count == 1 ? "%u session ended\n" : "%u sessions ended\n", count);
	ctl_answer(c, "kicked", json_integer(count));
	ctl_answer(c, "frontends", rows);
}
