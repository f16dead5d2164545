/*
 * cmd_user.c - accounts: listed, shown, added, taken away, given a password
 */
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/commands.h"
#include "tools/ctl/new_password.h"
#include "tools/ctl/table.h"
#include "tools/ctl/user.h"

static const struct column columns[] = {
	{ "ACCOUNT", "account", COLUMN_TEXT },
	{ "STORE", "store", COLUMN_TEXT },
	{ "MODULE", "module", COLUMN_TEXT },
	{ "MAILDIR", "maildir", COLUMN_TEXT },
	{ "QUOTA", "quota", COLUMN_TEXT },
	{ "OPTIONS", "options", COLUMN_TEXT },
	{ "NAME", "full_name", COLUMN_TEXT },
};

/* --- list, show ------------------------------------------------------------------------- */

static void
add_row(struct ctl *c, void *rows, const Posthouse__User *user)
{
	(void)c;
	json_array_append_new(rows, user_json(user));
}

void
cmd_user_list(struct ctl *c)
{
	json_t *rows = json_array();

	ctl_no_more_words(c);
	user_each(c, add_row, rows);
	if (!c->json)
		table_print(stdout, rows, columns, sizeof(columns) / sizeof(columns[0]));
	ctl_answer(c, "users", rows);
}

/* One fact a line. */
static void
tell(struct ctl *c, const Posthouse__User *user)
{
	json_t *row = user_json(user);
	const char *key;
	json_t *value;

	json_object_foreach(row, key, value) {
		struct buf text;
		buf_init(&text, 0);
		table_value(&text, value, json_is_integer(value) ? COLUMN_NUMBER : COLUMN_TEXT);
		ctl_say(c, "%s: %.*s\n", key, (int)text.len, text.at);
		buf_release(&text);
	}
	ctl_answer(c, "user", row);
}

void
cmd_user_show(struct ctl *c)
{
	const char *name = ctl_word(c, "an account");

	ctl_no_more_words(c);
	const Posthouse__User *user = user_find(c, name);
	if (user)
		tell(c, user);
}

/* --- add ----------------------------------------------------------------------------------- */

static uint32_t
number(struct ctl *c, const char *option)
{
	const char *text = ctl_option(c, option);
	uint64_t n = 0;

	if (text && !span_number(span_str(text), UINT32_MAX - 1, &n))
		ctl_usage(c, "%s=%s is no number", option, text);
	return (uint32_t)n;
}

static char *
text_option(struct ctl *c, const char *option)
{
	const char *text = ctl_option(c, option);

	return (char *)(uintptr_t)(text ? text : "");
}

/* NEW_HOME with %a, %u and %d as the account's name, the part before its "@", and the part after it. */
static char *
usual_home(struct ctl *c, const char *name)
{
	struct span domain = span_str(name), local = span_cut(&domain, '@');
	struct buf home;

	if (strchr(name, '/') || name[0] == '.' || (domain.len && domain.at[0] == '.'))
		ctl_usage(c, "%s needs --home=DIR: its name cannot be a directory's", name);
	buf_init(&home, 0);
	for (const char *at = c->config.new_home; *at; at++) {
		if (at[0] != '%' || !at[1]) {
			buf_char(&home, *at);
			continue;
		}
		at++;
		if (*at == 'a')
			buf_str(&home, name);
		else if (*at == 'u')
			buf_span(&home, local);
		else if (*at == 'd')
			buf_span(&home, domain);
		else
			buf_char(&home, *at);
	}
	char *text = arena_strndup(&c->arena, home.at, home.len);
	buf_release(&home);
	return text;
}

static void
add_user(struct ctl *c, Posthouse__UserAddRequest *request)
{
	struct place *p = place_any(c, PLACE_AUTHSVC);
	struct secret password;

	if (!p || !new_password_read(c, &password))
		return;
	struct span word = secret_view(&password);
	request->password = (ProtobufCBinaryData){ word.len, (uint8_t *)(uintptr_t)word.at };
	const Posthouse__UserAddReply *reply = place_call(c, p, PLACE_OWN, "UserAdd", &request->base, 0);
	secret_release(&password);
	if (reply)
		tell(c, reply->user);
}

void
cmd_user_add(struct ctl *c)
{
	Posthouse__UserAddRequest request = POSTHOUSE__USER_ADD_REQUEST__INIT;
	Posthouse__Ticket account = POSTHOUSE__TICKET__INIT;

	account.home = text_option(c, "--home");
	account.maildir = text_option(c, "--maildir");
	account.quota = text_option(c, "--quota");
	account.options = text_option(c, "--options");
	account.full_name = text_option(c, "--full-name");
	account.uid = number(c, "--uid");
	account.gid = number(c, "--gid");
	request.module = text_option(c, "--module");
	account.account = (char *)(uintptr_t)ctl_word(c, "an account");
	ctl_no_more_words(c);
	if (!*account.home)
		account.home = usual_home(c, account.account);
	request.account = &account;
	add_user(c, &request);
}

/* --- del, passwd ------------------------------------------------------------------------------ */

void
cmd_user_del(struct ctl *c)
{
	Posthouse__UserDeleteRequest request = POSTHOUSE__USER_DELETE_REQUEST__INIT;
	bool kick = ctl_flag(c, "--kick");
	const char *name = ctl_word(c, "an account");

	ctl_no_more_words(c);
	const Posthouse__User *user = user_find(c, name);
	if (!user)
		return;
	request.name = user->account->account;
	if (!place_call(c, place_any(c, PLACE_AUTHSVC), PLACE_OWN, "UserDelete", &request.base, 0))
		return;
	ctl_say(c, "%s is no account any more; its mail stays in %s\n", request.name, user->account->maildir);
	ctl_answer(c, "deleted", ctl_text(request.name));
	ctl_answer(c, "maildir", ctl_text(user->account->maildir));
	if (kick)
		ctl_answer(c, "kicked", json_integer(kick_account(c, request.name)));
}

void
cmd_user_passwd(struct ctl *c)
{
	Posthouse__UserPasswordRequest request = POSTHOUSE__USER_PASSWORD_REQUEST__INIT;
	struct secret password;
	struct place *p;

	request.service = text_option(c, "--service");
	request.name = (char *)(uintptr_t)ctl_word(c, "an account");
	ctl_no_more_words(c);
	if (!(p = place_any(c, PLACE_AUTHSVC)) || !new_password_read(c, &password))
		return;
	struct span word = secret_view(&password);
	request.password = (ProtobufCBinaryData){ word.len, (uint8_t *)(uintptr_t)word.at };
	if (place_call(c, p, PLACE_OWN, "UserPassword", &request.base, 0)) {
		ctl_say(c, "%s has a new password\n", request.name);
		ctl_answer(c, "changed", ctl_text(request.name));
	}
	secret_release(&password);
}
