/*
 * pipe.c - accounts that a program of the operator's knows
 *
 * Courier's authpipe: AUTHPIPE is started once and asked one thing at a time, in authdaemond's words, on
 * its standard input; answers come from its standard output.
 *
 *	AUTH 27\nimap\nlogin\nalice\nsecret\n		FAIL\n, or
 *	PRE . imap alice\n				UID=..\nGID=..\nHOME=..\nADDRESS=..\n.\n
 *	PASSWD imap\talice\told\tnew\n			FAIL\n, or OK\n
 *	ENUMERATE\n					alice\t5\t6\t/srv/alice\tMaildir\t\n.\n
 *
 * No answer, or one that makes no sense, is trouble, never a refusal.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "authsvc/module.h"
#include "authsvc/pipe/pipe_program.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define ANSWER_MS 5000
#define LIST_MS 60000		/* for the list of all accounts */
#define LONGEST 8192		/* of a question and of an answer */
#define LONGEST_LIST (64 << 20)

static struct status
pipe_open(const struct auth_host *host, void **out_state)
{
	const char *path = host->setting(host->arg, "AUTHPIPE");

	if (access(path, X_OK) < 0) {
		log_error("AUTHPIPE: %s cannot be run: %s", path, strerror(errno));
		return status_make(STATUS_INVALID, "No program");
	}
	*out_state = pipe_program_new(path);
	return STATUS_FINE;
}

static void
pipe_close(void **state)
{
	struct pipe_program *p = *state;

	pipe_program_free(&p);
	*state = NULL;
}

/* The value of the line NAME=, "" without one. */
static const char *
value_of(struct arena *a, struct span answer, const char *name)
{
	while (answer.at) {
		struct span value = span_cut(&answer, '\n');
		struct span key = span_cut(&value, '=');
		if (value.at && span_eq(key, span_str(name)))
			return arena_strndup(a, value.at, value.len);
	}
	return "";
}

/* USERNAME= asks the system for what UID= and GID= do not say. */
static bool
ids_of(struct arena *a, struct span answer, struct auth_account *out)
{
	const char *user = value_of(a, answer, "USERNAME");
	char *room = arena_bytes(a, LONGEST);
	struct passwd entry, *p = NULL;
	uint64_t uid, gid;

	if (*user && (getpwnam_r(user, &entry, room, LONGEST, &p) != 0 || !p))
		return false;
	if (!span_number(span_str(value_of(a, answer, "UID")), UINT32_MAX - 1, &uid)) {
		if (!p)
			return false;
		uid = p->pw_uid;
	}
	if (!span_number(span_str(value_of(a, answer, "GID")), UINT32_MAX - 1, &gid)) {
		if (!p)
			return false;
		gid = p->pw_gid;
	}
	out->uid = (uint32_t)uid;
	out->gid = (uint32_t)gid;
	return true;
}

static enum auth_result
understand(struct arena *a, const struct auth_query *q, struct span answer, struct auth_account *out)
{
	struct auth_account account = { .name = value_of(a, answer, "ADDRESS"), .store = "" };

	if (span_eq(answer, SPAN_LIT("FAIL\n")))
		return AUTH_REJECTED;
	if (!*account.name)
		account.name = q->account;
	account.home = value_of(a, answer, "HOME");
	account.mail = value_of(a, answer, "MAILDIR");
	account.quota = value_of(a, answer, "QUOTA");
	account.options = value_of(a, answer, "OPTIONS");
	account.full_name = value_of(a, answer, "NAME");
	if (!ids_of(a, answer, &account) || account.home[0] != '/') {
		log_error("AUTHPIPE: the answer about %s needs UID and GID, or USERNAME, and an absolute HOME",
		    q->account);
		return AUTH_TROUBLE;
	}
	*out = account;
	return AUTH_OK;
}

static enum auth_result
question_about(struct pipe_program *p, struct arena *a, const struct auth_query *q, struct span question,
    struct auth_account *out)
{
	enum auth_result r = AUTH_TROUBLE;
	struct buf answer;

	buf_init(&answer, LONGEST);
	if (pipe_program_ask(p, question, ANSWER_MS, &answer))
		r = understand(a, q, buf_view(&answer), out);
	secret_wipe(answer.at, answer.len);	/* it may tell passwords */
	buf_release(&answer);
	return r;
}

/* What is an end, or the next field, for the program or for the shell it may be written in; and the NUL of the array. */
static const char line_breakers[] = "\n\r";
static const char field_breakers[] = "\t\n\r";
static const char name_breakers[] = "\t\n\r\v\f";

/* Is none of `count` bytes in the text? */
static bool
fits(struct span text, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_index(text, bytes[i]) < text.len)
			return false;
	return true;
}

static enum auth_result
pipe_verify(void *state, struct arena *a, struct auth_query *q, struct span password, struct auth_account *out)
{
	size_t len = strlen(q->service) + strlen("\nlogin\n") + strlen(q->account) + 1 + password.len + 1;
	size_t room = len + 32;

	if (len >= LONGEST || !fits(span_str(q->account), name_breakers, sizeof(name_breakers)) ||
	    !fits(password, line_breakers, sizeof(line_breakers)))
		return AUTH_REJECTED;
	char *question = arena_bytes(a, room);
	int n = snprintf(question, room, "AUTH %zu\n%s\nlogin\n%s\n%.*s\n", len, q->service, q->account,
	    (int)password.len, password.len ? password.at : "");
	enum auth_result r = question_about(state, a, q, span_of(question, (size_t)n), out);
	secret_wipe(question, room);
	return r;
}

static enum auth_result
pipe_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	if (!fits(span_str(q->account), name_breakers, sizeof(name_breakers)))
		return AUTH_REJECTED;
	return question_about(state, a, q, span_str(arena_printf(a, "PRE . %s %s\n", q->service, q->account)), out);
}

static enum auth_result
pipe_change(void *state, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	struct span old = change->old_password, new = change->new_password;
	enum auth_result r = AUTH_TROUBLE;
	struct buf question, answer;

	(void)a;
	if (!fits(old, field_breakers, sizeof(field_breakers)) || !fits(new, field_breakers, sizeof(field_breakers)) ||
	    !fits(span_str(q->account), name_breakers, sizeof(name_breakers)))
		return AUTH_REJECTED;
	buf_init(&question, LONGEST);
	buf_init(&answer, LONGEST);
	buf_reserve(&question, LONGEST);	/* so that the passwords are in one place only */
	buf_printf(&question, "PASSWD %s\t%s\t", q->service, q->account);
	buf_span(&question, old);
	buf_char(&question, '\t');
	buf_span(&question, new);
	buf_char(&question, '\n');
	if (question.full)
		r = AUTH_REJECTED;
	else if (pipe_program_ask(state, buf_view(&question), ANSWER_MS, &answer))
		r = span_eq(buf_view(&answer), SPAN_LIT("OK\n")) ? AUTH_OK : AUTH_REJECTED;
	secret_wipe(question.at, question.len);
	buf_release(&question);
	buf_release(&answer);
	return r;
}

/* NAME\tUID\tGID\tHOME\tMAILDIR[\tOPTIONS]; what cannot be an account's is told in the log and left out. */
static bool
list_line(struct arena *a, struct span line, auth_each_fn *each, void *arg)
{
	struct auth_account account = { .quota = "", .full_name = "", .store = "" };
	struct span field[6] = { 0 }, rest = line;
	uint64_t uid, gid;

	for (size_t i = 0; i < 6 && rest.at; i++)
		field[i] = span_cut(&rest, '\t');
	if (!field[0].len || !span_number(field[1], UINT32_MAX - 1, &uid) ||
	    !span_number(field[2], UINT32_MAX - 1, &gid) || !span_starts(field[3], SPAN_LIT("/"))) {
		log_error("AUTHPIPE: its list has a line that is no account's: %.*s", (int)line.len, line.at);
		return true;
	}
	account.name = arena_strndup(a, field[0].at, field[0].len);
	account.uid = (uint32_t)uid;
	account.gid = (uint32_t)gid;
	account.home = arena_strndup(a, field[3].at, field[3].len);
	account.mail = arena_strndup(a, field[4].at ? field[4].at : "", field[4].len);
	account.options = arena_strndup(a, field[5].at ? field[5].at : "", field[5].len);
	return each(arg, &account);
}

static enum auth_result
pipe_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	enum auth_result r = AUTH_TROUBLE;
	bool going = true;
	struct arena scratch;
	struct buf answer;

	(void)a;
	arena_init(&scratch, 0);
	buf_init(&answer, LONGEST_LIST);
	if (pipe_program_ask(state, SPAN_LIT("ENUMERATE\n"), LIST_MS, &answer))
		r = span_eq(buf_view(&answer), SPAN_LIT("FAIL\n")) ? AUTH_REJECTED : AUTH_OK;
	for (struct span rest = buf_view(&answer); r == AUTH_OK && rest.at && going;) {
		struct span line = span_cut(&rest, '\n');
		arena_reset(&scratch);
		if (line.len && line.at[0] != '#' && !span_eq(line, SPAN_LIT(".")))
			going = list_line(&scratch, line, each, arg);
	}
	buf_release(&answer);
	arena_release(&scratch);
	return r;
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "pipe",
	.open = pipe_open,
	.close = pipe_close,
	.verify = pipe_verify,
	.lookup = pipe_lookup,
	.change = pipe_change,
	.enumerate = pipe_enumerate,
};
