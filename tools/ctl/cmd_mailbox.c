/*
 * cmd_mailbox.c - an account's mailboxes: listed, checked, rebuilt
 *
 * authsvc says which store the account is on, that store does the rest.
 */
#include <string.h>

#include "tools/ctl/commands.h"
#include "tools/ctl/table.h"
#include "tools/ctl/user.h"

enum { PATIENCE_MS = 60 * 60 * 1000 };		/* a large mailbox is read in minutes */

static const struct column list_columns[] = {
	{ "MAILBOX", "name", COLUMN_TEXT },
	{ "MESSAGES", "messages", COLUMN_NUMBER },
	{ "UNSEEN", "unseen", COLUMN_NUMBER },
	{ "SIZE", "bytes", COLUMN_SIZE },
	{ "UIDVALIDITY", "uidvalidity", COLUMN_NUMBER },
	{ "UIDNEXT", "uidnext", COLUMN_NUMBER },
	{ "USE", "special_use", COLUMN_TEXT },
	{ "DIRECTORY", "directory", COLUMN_TEXT },
	{ "TROUBLE", "trouble", COLUMN_TEXT },
};

static const struct column finding_columns[] = {
	{ "MAILBOX", "mailbox", COLUMN_TEXT },
	{ "FOUND", "kind", COLUMN_TEXT },
	{ "MENDED", "cure", COLUMN_TEXT },
	{ "FILE", "file", COLUMN_TEXT },
	{ "WHAT", "text", COLUMN_TEXT },
};

/* An account and the store that has it. */
struct target {
	Posthouse__Ticket *account;
	struct place *store;
};

static bool
find_target(struct ctl *c, const char *name, struct target *out)
{
	const Posthouse__User *user = user_find(c, name);

	if (!user)
		return false;
	out->account = user_keep(c, user->account);
	out->store = place_store(c, out->account->store);
	return out->store != NULL;
}

static const Posthouse__MailboxListReply *
fetch_list(struct ctl *c, const struct target *t, bool names_only)
{
	Posthouse__MailboxListRequest request = POSTHOUSE__MAILBOX_LIST_REQUEST__INIT;

	request.account = t->account;
	request.names_only = names_only;
	return place_call(c, t->store, PLACE_OWN, "MailboxList", &request.base, PATIENCE_MS);
}

/* --- list ---------------------------------------------------------------------------------- */

static json_t *
facts_json(const Posthouse__MailboxFacts *f)
{
	json_t *row = json_object();

	json_object_set_new(row, "name", ctl_text(f->name));
	json_object_set_new(row, "directory", ctl_text(f->directory));
	json_object_set_new(row, "special_use", ctl_text(f->special_use));
	json_object_set_new(row, "mailbox_id", ctl_text(f->mailbox_id));
	json_object_set_new(row, "uidvalidity", json_integer(f->uidvalidity));
	json_object_set_new(row, "uidnext", json_integer(f->uidnext));
	json_object_set_new(row, "messages", json_integer((json_int_t)f->messages));
	json_object_set_new(row, "unseen", json_integer((json_int_t)f->unseen));
	json_object_set_new(row, "bytes", json_integer((json_int_t)f->bytes));
	json_object_set_new(row, "trouble", ctl_text(f->trouble));
	return row;
}

void
cmd_mailbox_list(struct ctl *c)
{
	const char *name = ctl_word(c, "an account");
	json_t *rows = json_array();
	struct target t;

	ctl_no_more_words(c);
	const Posthouse__MailboxListReply *reply = find_target(c, name, &t) ? fetch_list(c, &t, false) : NULL;
	for (size_t i = 0; reply && i < reply->n_mailboxes; i++) {
		json_array_append_new(rows, facts_json(reply->mailboxes[i]));
		if (*reply->mailboxes[i]->trouble)
			ctl_not_well(c);
	}
	if (!c->json && reply)
		table_print(stdout, rows, list_columns, sizeof(list_columns) / sizeof(list_columns[0]));
	ctl_answer(c, "mailboxes", rows);
}

/* --- for one mailbox or all ----------------------------------------------------------------- */

static void
for_each_mailbox(struct ctl *c, const struct target *t, const char *name,
    void (*work)(struct ctl *c, const struct target *t, const char *mailbox, void *arg), void *arg)
{
	if (name) {
		work(c, t, name, arg);
		return;
	}
	/* Opened, much of what is to be found would be mended before anybody looked. */
	const Posthouse__MailboxListReply *reply = fetch_list(c, t, true);
	for (size_t i = 0; reply && i < reply->n_mailboxes; i++)
		work(c, t, reply->mailboxes[i]->name, arg);
}

/* --- check ------------------------------------------------------------------------------------ */

struct check {
	bool deep;
	json_t *mailboxes, *findings;
};

static void
add_findings(struct check *check, const Posthouse__MailboxCheckReply *reply)
{
	for (size_t i = 0; i < reply->n_findings; i++) {
		const Posthouse__Finding *f = reply->findings[i];
		json_array_append_new(check->findings, json_pack("{s:o,s:o,s:o,s:o,s:o}",
		    "mailbox", ctl_text(reply->mailbox), "kind", ctl_text(f->kind), "cure", ctl_text(f->cure),
		    "file", ctl_text(f->file), "text", ctl_text(f->text)));
	}
}

static void
check_one(struct ctl *c, const struct target *t, const char *mailbox, void *arg)
{
	Posthouse__MailboxCheckRequest request = POSTHOUSE__MAILBOX_CHECK_REQUEST__INIT;
	struct check *check = arg;

	request.account = t->account;
	request.mailbox = (char *)(uintptr_t)mailbox;
	request.deep = check->deep;
	const Posthouse__MailboxCheckReply *reply =
	    place_call(c, t->store, PLACE_OWN, "MailboxCheck", &request.base, PATIENCE_MS);
	if (!reply)
		return;
	json_array_append_new(check->mailboxes, json_pack("{s:o,s:I,s:I,s:I}", "name", ctl_text(reply->mailbox),
	    "messages", (json_int_t)reply->messages, "bytes", (json_int_t)reply->bytes,
	    "found", (json_int_t)reply->found));
	add_findings(check, reply);
	ctl_say(c, "%s: %llu messages, %s\n", reply->mailbox, (unsigned long long)reply->messages,
	    reply->found ? arena_printf(&c->arena, "%llu found", (unsigned long long)reply->found) : "all is well");
	if (reply->found)
		ctl_not_well(c);
}

void
cmd_mailbox_check(struct ctl *c)
{
	struct check check = { .deep = ctl_flag(c, "--deep"), .mailboxes = json_array(), .findings = json_array() };
	const char *name = ctl_word(c, "an account"), *mailbox = ctl_word_if_any(c);
	struct target t;

	ctl_no_more_words(c);
	if (find_target(c, name, &t))
		for_each_mailbox(c, &t, mailbox, check_one, &check);
	if (!c->json && json_array_size(check.findings))
		table_print(stdout, check.findings, finding_columns,
		    sizeof(finding_columns) / sizeof(finding_columns[0]));
	ctl_answer(c, "mailboxes", check.mailboxes);
	ctl_answer(c, "findings", check.findings);
}

/* --- rebuild ------------------------------------------------------------------------------------ */

static void
rebuild_one(struct ctl *c, const struct target *t, const char *mailbox, void *arg)
{
	Posthouse__MailboxRebuildRequest request = POSTHOUSE__MAILBOX_REBUILD_REQUEST__INIT;
	json_t *removed = json_array();

	request.account = t->account;
	request.mailbox = (char *)(uintptr_t)mailbox;
	const Posthouse__MailboxRebuildReply *reply =
	    place_call(c, t->store, PLACE_OWN, "MailboxRebuild", &request.base, PATIENCE_MS);
	for (size_t i = 0; reply && i < reply->n_removed; i++)
		json_array_append_new(removed, ctl_text(reply->removed[i]));
	if (reply) {
		json_array_append_new(arg, json_pack("{s:o,s:I,s:O}", "name", ctl_text(mailbox), "messages",
		    (json_int_t)reply->messages, "removed", removed));
		ctl_say(c, "%s: %llu messages\n", mailbox, (unsigned long long)reply->messages);
	}
	json_decref(removed);
}

void
cmd_mailbox_rebuild(struct ctl *c)
{
	const char *name = ctl_word(c, "an account"), *mailbox = ctl_word_if_any(c);
	json_t *rows = json_array();
	struct target t;

	ctl_no_more_words(c);
	if (find_target(c, name, &t))
		for_each_mailbox(c, &t, mailbox, rebuild_one, rows);
	ctl_answer(c, "mailboxes", rows);
}
