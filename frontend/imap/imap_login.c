/*
 * imap_login.c - the login itself
 *
 *	ask		authsvc is asked, with the password in memory that will be wiped
 *	answered	the session becomes the account's, or NO
 */
#include "frontend/imap/imap_login.h"

#include "base/mem.h"

static const char wrong_login[] = "Wrong user or password";

static void
wipe_password(void *arg)
{
	secret_release(arg);
	free(arg);
}

/* A copy that is wiped when the task ends. */
static struct span
guarded(struct task *t, struct span password)
{
	struct secret *secret = MEM_NEW(struct secret);

	secret_init(secret, password);
	task_on_end(t, wipe_password, secret);
	return secret_view(secret);
}

/* "unknown or wrong" is one answer, so that nobody learns which accounts exist. */
static enum step
refused(struct task *t)
{
	switch (t->status.code) {
	case STATUS_UNAUTHENTICATED:
	case STATUS_NOT_FOUND:
	case STATUS_INVALID:
		return imap_no_code(t, "AUTHENTICATIONFAILED", wrong_login);
	case STATUS_DENIED:
		return imap_no_code(t, "AUTHORIZATIONFAILED",
		    *t->status.text ? t->status.text : "This account may not log in here");
	case STATUS_DEADLINE:
	case STATUS_UNAVAILABLE:
	case STATUS_EXHAUSTED:
		return imap_no_code(t, "UNAVAILABLE", "Logins are not possible at the moment, try again later");
	default:
		return imap_no(t, t->status);
	}
}

static enum step
login_welcomed(struct task *t)
{
	if (t->status.code == STATUS_EXHAUSTED)
		return imap_no_code(t, "LIMIT", t->status.text);
	if (!status_ok(t->status))
		return refused(t);
	struct buf b;
	buf_init(&b, 0);
	imap_capabilities(t->session, &b);
	char *capabilities = arena_strndup(&t->arena, b.at, b.len);
	buf_release(&b);
	return imap_ok(t, "[CAPABILITY %s] Logged in", capabilities);
}

static enum step
login_answered(struct task *t)
{
	struct imap_login *f = task_frame(t);

	return status_ok(t->status) ? session_welcome(t, f->reply, login_welcomed) : refused(t);
}

enum step
imap_login_refuse(struct task *t)
{
	return imap_no_code(t, "PRIVACYREQUIRED", "Passwords are accepted over TLS only");
}

enum step
imap_login_ask(struct task *t, struct span user, struct span password, struct span authorize)
{
	struct imap_login *f = task_frame(t);

	if (user.len == 0 || span_index(user, '\0') != user.len)
		return imap_no_code(t, "AUTHENTICATIONFAILED", wrong_login);

	struct span guard = guarded(t, password);
	posthouse__login_request__init(&f->request);
	f->request.peer = session_peer(t->session, &t->arena);
	f->request.user = arena_strndup(&t->arena, user.at, user.len);
	f->request.authorize = arena_strndup(&t->arena, authorize.at, authorize.len);
	f->request.password.data = (uint8_t *)(uintptr_t)guard.at;
	f->request.password.len = guard.len;
	return auth_login(t, &f->request, &f->reply, login_answered);
}
