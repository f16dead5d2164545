/*
 * pop3_login.c - what comes of a login, in POP3's words
 *
 *	over	the session is the account's, or -ERR
 *	listed	one more piece of INBOX's list; +OK when it is whole
 *
 * A session without its list is of no use: when it cannot be had the connection ends, and
 * the client tries again.
 */
#include "frontend/pop3/pop3_login.h"

/* What is not there or not allowed is not so because of anything the user could type. */
static enum step
store_failed(struct task *t)
{
	struct status st = t->status;

	session_logout(t->session);
	if (st.code == STATUS_NOT_FOUND || st.code == STATUS_INVALID)
		st = status_make(STATUS_DENIED, "The mailbox cannot be opened");
	return pop3_err_status(t, st);
}

static enum step
login_listed(struct task *t)
{
	struct pop3_login *f = task_frame(t);
	struct pop3_drop *drop = &pop3_session(t->session)->drop;

	if (!status_ok(t->status))
		return store_failed(t);
	pop3_drop_add(drop, f->list);
	pop3_box(t->session, &f->box);
	f->list_request.after_uid = f->list->next_after_uid;
	if (f->list_request.after_uid)
		return store_pop3_list(t, &f->list_request, &f->list, login_listed);
	return pop3_ok(t, "%zu messages (%llu octets)", drop->left, (unsigned long long)drop->left_size);
}

static enum step
list(struct task *t, struct pop3_login *f)
{
	pop3_box(t->session, &f->box);
	posthouse__pop3_list_request__init(&f->list_request);
	f->list_request.box = &f->box;
	return store_pop3_list(t, &f->list_request, &f->list, login_listed);
}

enum step
pop3_login_over(struct task *t)
{
	struct pop3_login *f = task_frame(t);

	switch (f->login.outcome) {
	case LOGIN_WELCOME:
		return list(t, f);
	case LOGIN_WRONG:
		return pop3_err(t, "[AUTH] Wrong user or password");
	case LOGIN_AWAY:
		return pop3_err_status(t, status_make(STATUS_UNAVAILABLE,
		    "Logins are not possible at the moment, try again later"));
	case LOGIN_TOO_SOON:
		return pop3_err(t, "[LOGIN-DELAY] Too soon after the last login");
	case LOGIN_UNSUPPORTED:
		return pop3_err(t, "That mechanism is not supported");
	case LOGIN_NEEDS_TLS:
		return pop3_err(t, "Passwords are accepted over TLS only");
	case LOGIN_MALFORMED:
		return pop3_err(t, f->login.text);
	case LOGIN_DENIED:
		return pop3_err(t, arena_printf(&t->arena, "[AUTH] %s",
		    t->status.text && *t->status.text ? t->status.text : "This account may not log in here"));
	case LOGIN_CROWDED:
	case LOGIN_FAILED:
		break;
	}
	return pop3_err_status(t, t->status);
}
