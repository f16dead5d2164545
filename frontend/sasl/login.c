/*
 * login.c - logging in with a password, and what all ways of logging in end with
 *
 *	answered	authsvc knows who it is, or refuses
 *	welcomed	the limits on logins have had their say
 *
 * The struct login is the task's helper meanwhile.
 */
#include "frontend/sasl/login.h"

#include "base/secret.h"

enum step
login_over(struct task *t, struct login *l, enum login_outcome outcome, const char *text)
{
	l->outcome = outcome;
	l->text = text;
	return task_go(t, l->next);
}

enum step
login_refused(struct task *t, struct login *l)
{
	switch (t->status.code) {
	case STATUS_UNAUTHENTICATED:
	case STATUS_NOT_FOUND:
	case STATUS_INVALID:
		return login_over(t, l, LOGIN_WRONG, NULL);
	case STATUS_DENIED:
		return login_over(t, l, LOGIN_DENIED, NULL);
	case STATUS_DEADLINE:
	case STATUS_UNAVAILABLE:
	case STATUS_EXHAUSTED:
		return login_over(t, l, LOGIN_AWAY, NULL);
	default:
		return login_over(t, l, LOGIN_FAILED, NULL);
	}
}

static enum step
welcomed(struct task *t)
{
	struct login *l = t->helper;

	switch (t->status.code) {
	case STATUS_OK:
		return login_over(t, l, LOGIN_WELCOME, NULL);
	case STATUS_EXHAUSTED:
		return login_over(t, l, LOGIN_CROWDED, NULL);
	case STATUS_CONFLICT:
		return login_over(t, l, LOGIN_TOO_SOON, NULL);
	default:
		return login_refused(t, l);
	}
}

enum step
login_enter(struct task *t, struct login *l, const Posthouse__LoginReply *reply)
{
	l->reply = reply;
	t->helper = l;
	return session_welcome(t, reply, welcomed);
}

/* --- with a password ---------------------------------------------------------------- */

static enum step
answered(struct task *t)
{
	struct login *l = t->helper;

	return status_ok(t->status) ? login_enter(t, l, l->reply) : login_refused(t, l);
}

static void
wipe(void *arg)
{
	const struct span *secret = arg;

	if (secret->len)
		secret_wipe((char *)(uintptr_t)secret->at, secret->len);
}

void
login_wipe_at_end(struct task *t, struct span *secret)
{
	task_on_end(t, wipe, secret);
}

enum step
login_password(struct task *t, struct login *l, struct span user, struct span password, struct span authorize,
    step_fn *next)
{
	Posthouse__LoginRequest *request = &l->password_request;

	l->next = next;
	if (!session_plaintext_ok(t->session))
		return login_over(t, l, LOGIN_NEEDS_TLS, NULL);
	if (user.len == 0 || span_index(user, '\0') != user.len)
		return login_over(t, l, LOGIN_WRONG, NULL);
	l->responses[0] = arena_span(&t->arena, password);	/* literals are not where the line is wiped */
	login_wipe_at_end(t, &l->responses[0]);
	posthouse__login_request__init(request);
	request->peer = session_peer(t->session, &t->arena);
	request->user = arena_strndup(&t->arena, user.at, user.len);
	request->authorize = arena_strndup(&t->arena, authorize.at, authorize.len);
	request->password = (ProtobufCBinaryData){ password.len, (uint8_t *)(uintptr_t)l->responses[0].at };
	t->helper = l;
	return auth_login(t, request, &l->reply, answered);
}
