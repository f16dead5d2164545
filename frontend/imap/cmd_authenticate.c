/*
 * cmd_authenticate.c - AUTHENTICATE (RFC 9051, 6.2.2)
 *
 *	start	the exchange (sasl/login.h; imap_login.c answers)
 */
#include "frontend/imap/imap_login.h"
#include "frontend/imap/imap_ops.h"

struct authenticate_frame {
	struct imap_login base;
	struct span mechanism, initial;
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
	bool another;

	TRY(rule_space(p));
	TRY(rule_keyword(p, &f->mechanism));
	TRY(rule_another(p, &another));
	if (another) {
		TRY(rule_atom(p, &f->initial));
		if (!is_base64(f->initial))
			return rule_bad(p, "The initial response is not base64");
	}
	return rule_end(p);
}

static enum step
authenticate_start(struct task *t)
{
	struct authenticate_frame *f = task_frame(t);

	return login_exchange(t, &f->base.login, f->mechanism, f->initial, imap_login_over);
}

const struct imap_ops authenticate_ops = {
	.frame_size = sizeof(struct authenticate_frame),
	.parse = authenticate_parse,
	.start = authenticate_start,
	.secret = true,
};
