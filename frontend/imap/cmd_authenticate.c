/*
 * cmd_authenticate.c - AUTHENTICATE with PLAIN and LOGIN (RFC 9051, 6.2.2; RFC 4616)
 *
 *	start		mechanism known? plaintext allowed?
 *	ask		"+" and the next prompt, unless the initial response is here (SASL-IR)
 *	responded	"*" cancels; PLAIN: who and which password; LOGIN: first who, then the password
 *
 * LOGIN is asked for its user first, whatever the prompt says.
 */
#include "frontend/imap/imap_login.h"
#include "frontend/imap/imap_ops.h"

#include "base/hex.h"

struct mechanism {
	const char *name;
	const char *prompts[2];		/* base64, in order */
	unsigned responses;
};

static const struct mechanism mechanisms[] = {
	{ "PLAIN", { "", NULL }, 1 },
	{ "LOGIN", { "VXNlcm5hbWU6", "UGFzc3dvcmQ6" }, 2 },	/* "Username:", "Password:" */
};

struct authenticate_frame {
	struct imap_login login;
	struct span name;
	bool has_initial;
	struct span line;		/* the response at hand, base64 */
	const struct mechanism *mechanism;
	struct span responses[2];
	unsigned count;
};

static bool
is_base64(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_digit(s.at[i]) && !(ascii_lower(s.at[i]) >= 'a' && ascii_lower(s.at[i]) <= 'z') &&
		    s.at[i] != '+' && s.at[i] != '/' && s.at[i] != '=')
			return false;
	return true;
}

/* authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")] */
static enum parse
authenticate_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct authenticate_frame *f = (struct authenticate_frame *)frame;
	char next;

	TRY(rule_space(p));
	TRY(rule_keyword(p, &f->name));
	TRY(rule_peek(p, &next));
	if (next == ' ') {
		f->has_initial = true;
		TRY(rule_space(p));
		TRY(rule_atom(p, &f->line));
		if (!is_base64(f->line))
			return rule_bad(p, "The initial response is not base64");
	}
	return rule_end(p);
}

static enum step authenticate_responded(struct task *t);

static enum step
authenticate_ask(struct task *t)
{
	struct authenticate_frame *f = task_frame(t);

	session_printf(t->session, "+ %s\r\n", f->mechanism->prompts[f->count]);
	return session_line(t, &f->line, authenticate_responded);
}

static enum step
authenticate_start(struct task *t)
{
	struct authenticate_frame *f = task_frame(t);

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (span_eq_nocase(f->name, span_str(mechanisms[i].name)))
			f->mechanism = &mechanisms[i];
	if (f->mechanism == NULL)
		return imap_no_code(t, "CANNOT", "That mechanism is not supported");
	if (!session_plaintext_ok(t->session))
		return imap_login_refuse(t);
	session_secret_input(t);
	if (!f->has_initial)
		return task_go(t, authenticate_ask);
	if (span_eq(f->line, SPAN_LIT("=")))
		f->line = SPAN_LIT("");
	return task_go(t, authenticate_responded);
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
	struct authenticate_frame *f = task_frame(t);
	struct span rest = f->responses[0];
	struct span authorize = span_cut(&rest, '\0');
	struct span user = span_cut(&rest, '\0');

	if (rest.at == NULL || span_index(rest, '\0') != rest.len || user.len == 0)
		return imap_bad_arguments(t, "That is no response of PLAIN");
	return imap_login_ask(t, user, rest, authorize);
}

static enum step
authenticate_responded(struct task *t)
{
	struct authenticate_frame *f = task_frame(t);
	struct span *response = &f->responses[f->count];

	if (!status_ok(t->status))
		return imap_bad_arguments(t, "The response is too long");
	if (span_eq(f->line, SPAN_LIT("*")))
		return imap_bad_arguments(t, "AUTHENTICATE cancelled");
	if (!base64_decode(&t->arena, f->line, response))
		return imap_bad_arguments(t, "The response is not base64");
	task_on_end(t, wipe_response, response);
	if (++f->count < f->mechanism->responses)
		return task_go(t, authenticate_ask);
	if (f->mechanism->responses == 1)
		return plain_login(t);
	return imap_login_ask(t, f->responses[0], f->responses[1], SPAN_LIT(""));
}

const struct imap_ops authenticate_ops = {
	.frame_size = sizeof(struct authenticate_frame),
	.parse = authenticate_parse,
	.start = authenticate_start,
	.secret = true,
};
