/*
 * cmd_auth.c - AUTH with PLAIN and LOGIN (RFC 5034; RFC 4616)
 *
 *	start		mechanism known? plaintext allowed?
 *	ask		"+" and the next prompt, unless the initial response is here
 *	responded	"*" cancels; PLAIN: who and which password; LOGIN: first who, then the password
 *
 * Without a mechanism it lists what there is, as old clients expect.
 */
#include "base/hex.h"
#include "base/secret.h"
#include "frontend/pop3/pop3_login.h"

struct mechanism {
	const char *name;
	const char *prompts[2];		/* base64, in order */
	unsigned responses;
};

static const struct mechanism mechanisms[] = {
	{ "PLAIN", { "", NULL }, 1 },
	{ "LOGIN", { "VXNlcm5hbWU6", "UGFzc3dvcmQ6" }, 2 },	/* "Username:", "Password:" */
};

struct auth_frame {
	struct pop3_login login;
	const struct mechanism *mechanism;
	struct span line;		/* the response at hand, base64 */
	struct span responses[2];
	unsigned count;
};

static enum step auth_responded(struct task *t);

static enum step
auth_ask(struct task *t)
{
	struct auth_frame *f = task_frame(t);

	session_printf(t->session, "+ %s\r\n", f->mechanism->prompts[f->count]);
	return session_line(t, &f->line, auth_responded);
}

static enum step
auth_list(struct task *t)
{
	pop3_ok_begin(t, "Mechanisms follow");
	if (session_plaintext_ok(t->session))
		session_write(t->session, SPAN_LIT("PLAIN\r\nLOGIN\r\n"));
	session_write(t->session, SPAN_LIT(".\r\n"));
	return pop3_end(t);
}

static enum step
auth_start(struct task *t)
{
	struct auth_frame *f = task_frame(t);
	struct span rest = f->login.base.text;
	struct span name = span_cut(&rest, ' ');

	if (!name.len)
		return auth_list(t);
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (span_eq_nocase(name, span_str(mechanisms[i].name)))
			f->mechanism = &mechanisms[i];
	if (!f->mechanism)
		return pop3_err(t, "That mechanism is not supported");
	if (!session_plaintext_ok(t->session))
		return pop3_login_refuse(t);
	f->line = rest;
	if (!rest.at || !rest.len)
		return task_go(t, auth_ask);
	if (span_eq(rest, SPAN_LIT("=")))
		f->line = SPAN_LIT("");
	return task_go(t, auth_responded);
}

static void
wipe_response(void *arg)
{
	struct span *response = arg;

	if (response->len)
		secret_wipe((void *)(uintptr_t)response->at, response->len);
}

/* message = [authzid] NUL authcid NUL passwd */
static enum step
plain_login(struct task *t)
{
	struct auth_frame *f = task_frame(t);
	struct span rest = f->responses[0];
	struct span authorize = span_cut(&rest, '\0');
	struct span user = span_cut(&rest, '\0');

	if (rest.at == NULL || span_index(rest, '\0') != rest.len || user.len == 0)
		return pop3_err(t, "That is no response of PLAIN");
	return pop3_login_ask(t, user, rest, authorize);
}

static enum step
auth_responded(struct task *t)
{
	struct auth_frame *f = task_frame(t);
	struct span *response = &f->responses[f->count];

	if (!status_ok(t->status))
		return pop3_err(t, "The response is too long");
	if (span_eq(f->line, SPAN_LIT("*")))
		return pop3_err(t, "AUTH cancelled");
	if (!base64_decode(&t->arena, f->line, response))
		return pop3_err(t, "The response is not base64");
	task_on_end(t, wipe_response, response);
	if (++f->count < f->mechanism->responses)
		return task_go(t, auth_ask);
	if (f->mechanism->responses == 1)
		return plain_login(t);
	return pop3_login_ask(t, f->responses[0], f->responses[1], SPAN_LIT(""));
}

const struct pop3_ops pop3_auth_ops = {
	.frame_size = sizeof(struct auth_frame), .start = auth_start, .secret = true,
};
