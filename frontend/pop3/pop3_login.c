/*
 * pop3_login.c - the login itself
 *
 *	ask		authsvc is asked
 *	answered	the session becomes the account's, or -ERR
 *	listed		one more piece of INBOX's list; +OK when it is whole
 *
 * A session without its list is of no use: when it cannot be had the connection ends, and
 * the client tries again.
 */
#include "frontend/pop3/pop3_login.h"

/* "unknown or wrong" is one answer, so that nobody learns which accounts exist. */
static enum step
refused(struct task *t)
{
	switch (t->status.code) {
	case STATUS_UNAUTHENTICATED:
	case STATUS_NOT_FOUND:
	case STATUS_INVALID:
		return pop3_err_status(t, status_make(STATUS_UNAUTHENTICATED, NULL));
	case STATUS_DEADLINE:
	case STATUS_UNAVAILABLE:
	case STATUS_EXHAUSTED:
		return pop3_err_status(t, status_make(STATUS_UNAVAILABLE,
		    "Logins are not possible at the moment, try again later"));
	default:
		return pop3_err_status(t, t->status);
	}
}

static enum step
login_listed(struct task *t)
{
	struct pop3_login *f = task_frame(t);
	struct pop3_drop *drop = &pop3_session(t->session)->drop;

	if (!status_ok(t->status)) {
		session_logout(t->session);
		return pop3_err_status(t, t->status);
	}
	pop3_drop_add(drop, f->list);
	pop3_box(t->session, &f->box);
	f->list_request.after_uid = f->list->next_after_uid;
	if (f->list_request.after_uid)
		return store_pop3_list(t, &f->list_request, &f->list, login_listed);
	return pop3_ok(t, "%zu messages (%llu octets)", drop->left, (unsigned long long)drop->left_size);
}

static enum step
login_welcomed(struct task *t)
{
	struct pop3_login *f = task_frame(t);

	if (t->status.code == STATUS_CONFLICT)
		return pop3_err(t, "[LOGIN-DELAY] Too soon after the last login");
	if (t->status.code == STATUS_EXHAUSTED)
		return pop3_err_status(t, t->status);
	if (!status_ok(t->status))
		return refused(t);
	pop3_box(t->session, &f->box);
	posthouse__pop3_list_request__init(&f->list_request);
	f->list_request.box = &f->box;
	return store_pop3_list(t, &f->list_request, &f->list, login_listed);
}

static enum step
login_answered(struct task *t)
{
	struct pop3_login *f = task_frame(t);

	return status_ok(t->status) ? session_welcome(t, f->reply, login_welcomed) : refused(t);
}

enum step
pop3_login_refuse(struct task *t)
{
	return pop3_err(t, "Passwords are accepted over TLS only");
}

enum step
pop3_login_ask(struct task *t, struct span user, struct span password, struct span authorize)
{
	struct pop3_login *f = task_frame(t);

	if (user.len == 0 || span_index(user, '\0') != user.len)
		return pop3_err_status(t, status_make(STATUS_UNAUTHENTICATED, NULL));
	posthouse__login_request__init(&f->request);
	f->request.peer = session_peer(t->session, &t->arena);
	f->request.user = arena_strndup(&t->arena, user.at, user.len);
	f->request.authorize = arena_strndup(&t->arena, authorize.at, authorize.len);
	f->request.password = (ProtobufCBinaryData){ password.len, (uint8_t *)(uintptr_t)password.at };
	return auth_login(t, &f->request, &f->reply, login_answered);
}
