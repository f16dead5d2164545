/*
 * cmd_login.c - LOGIN (RFC 9051, 6.2.3)
 *
 *	start	is it somebody's password? (imap_login.c answers)
 */
#include "frontend/imap/imap_login.h"
#include "frontend/imap/imap_ops.h"

struct login_frame {
	struct imap_login base;
	struct span user, password;
};

/* login = "LOGIN" SP userid SP password; people's passwords are 8-bit, quoted or not */
static enum parse
login_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct login_frame *f = (struct login_frame *)frame;

	p->eight_bit = true;
	TRY(rule_space(p));
	TRY(rule_astring(p, &f->user));
	TRY(rule_space(p));
	TRY(rule_astring(p, &f->password));
	return rule_end(p);
}

static enum step
login_start(struct task *t)
{
	struct login_frame *f = task_frame(t);

	return login_password(t, &f->base.login, f->user, f->password, SPAN_LIT(""), imap_login_over);
}

const struct imap_ops login_ops = {
	.frame_size = sizeof(struct login_frame),
	.parse = login_parse,
	.start = login_start,
	.secret = true,
};
