/*
 * imap_login.c - what comes of a login, in IMAP's words (RFC 9051, 7.1)
 */
#include "frontend/imap/imap_login.h"

static enum step
welcome(struct task *t)
{
	struct buf b;

	buf_init(&b, 0);
	imap_capabilities(t->session, &b);
	char *capabilities = arena_strndup(&t->arena, b.at, b.len);
	buf_release(&b);
	return imap_ok(t, "[CAPABILITY %s] Logged in", capabilities);
}

static const char *
text_or(const struct task *t, const char *otherwise)
{
	return t->status.text && *t->status.text ? t->status.text : otherwise;
}

enum step
imap_login_over(struct task *t)
{
	const struct imap_login *f = task_frame(t);

	switch (f->login.outcome) {
	case LOGIN_WELCOME:
		return welcome(t);
	case LOGIN_WRONG:
		return imap_no_code(t, "AUTHENTICATIONFAILED", "Wrong user or password");
	case LOGIN_DENIED:
		return imap_no_code(t, "AUTHORIZATIONFAILED", text_or(t, "This account may not log in here"));
	case LOGIN_AWAY:
		return imap_no_code(t, "UNAVAILABLE", "Logins are not possible at the moment, try again later");
	case LOGIN_CROWDED:
	case LOGIN_TOO_SOON:
		return imap_no_code(t, "LIMIT", text_or(t, "Not now"));
	case LOGIN_UNSUPPORTED:
		return imap_no_code(t, "CANNOT", "That mechanism is not supported");
	case LOGIN_NEEDS_TLS:
		return imap_no_code(t, "PRIVACYREQUIRED", "Passwords are accepted over TLS only");
	case LOGIN_MALFORMED:
		return imap_bad_arguments(t, f->login.text);
	case LOGIN_FAILED:
		break;
	}
	return imap_no(t, t->status);
}
