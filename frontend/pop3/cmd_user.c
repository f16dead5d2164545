/*
 * cmd_user.c - USER and PASS, APOP (RFC 1939, 7)
 *
 * Nothing is asked before PASS, so USER does not tell who exists. All of PASS's line is
 * the password, spaces included; around a name they are the client's padding. APOP is for passwords that are stored in the clear: its timestamp stood in the greeting.
 */
#include "base/mem.h"
#include "frontend/pop3/pop3_login.h"

static struct span
without_blanks(struct span s)
{
	while (s.len && s.at[0] == ' ')
		s = span_skip(s, 1);
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	return s;
}

static enum step
user_start(struct task *t)
{
	struct pop3_frame *f = task_frame(t);
	struct pop3_session *p = pop3_session(t->session);

	if (!session_plaintext_ok(t->session))
		return pop3_err(t, "Passwords are accepted over TLS only");
	struct span name = without_blanks(f->text);
	if (!name.len)
		return pop3_err(t, "A name is missing");
	free(p->user);
	p->user = mem_strndup(name.at, name.len);
	return pop3_ok(t, "Password, please");
}

static enum step
pass_start(struct task *t)
{
	struct pop3_login *f = task_frame(t);
	struct pop3_session *p = pop3_session(t->session);

	if (!session_plaintext_ok(t->session))
		return pop3_err(t, "Passwords are accepted over TLS only");
	if (!p->user)
		return pop3_err(t, "USER comes first");
	struct span user = arena_span(&t->arena, span_str(p->user));
	free(p->user);
	p->user = NULL;
	if (!f->base.text.len)		/* no account has an empty password */
		return pop3_err(t, "[AUTH] The password is empty");
	return login_password(t, &f->login, user, f->base.text, SPAN_LIT(""), pop3_login_over);
}

static enum step
apop_start(struct task *t)
{
	struct pop3_login *f = task_frame(t);

	return login_apop(t, &f->login, pop3_session(t->session)->timestamp, f->base.text, pop3_login_over);
}

const struct pop3_ops pop3_user_ops = { .start = user_start };
const struct pop3_ops pop3_apop_ops = {
	.frame_size = sizeof(struct pop3_login), .start = apop_start, .secret = true,
};
const struct pop3_ops pop3_pass_ops = {
	.frame_size = sizeof(struct pop3_login), .start = pass_start, .secret = true,
};
