/*
 * cmd_auth.c - AUTH (RFC 5034)
 *
 *	start	the exchange (sasl/login.h; pop3_login.c answers)
 *
 * Without a mechanism it lists what there is, as old clients expect.
 */
#include "frontend/pop3/pop3_login.h"
#include "frontend/sasl/offers.h"

static enum step
auth_list(struct task *t)
{
	struct buf b;

	pop3_ok_begin(t, "Mechanisms follow");
	buf_init(&b, 0);
	offers_print(t->session, "\r\n", &b);
	if (b.len) {		/* each behind an end of line: the first comes last */
		session_write(t->session, span_skip(buf_view(&b), 2));
		session_write(t->session, SPAN_LIT("\r\n"));
	}
	buf_release(&b);
	session_write(t->session, SPAN_LIT(".\r\n"));
	return pop3_end(t);
}

static enum step
auth_start(struct task *t)
{
	struct pop3_login *f = task_frame(t);
	struct span initial = f->base.text;
	struct span mechanism = span_cut(&initial, ' ');

	if (!mechanism.len)
		return auth_list(t);
	if (!initial.len)
		initial.at = NULL;
	return login_exchange(t, &f->login, mechanism, initial, pop3_login_over);
}

const struct pop3_ops pop3_auth_ops = {
	.frame_size = sizeof(struct pop3_login), .start = auth_start, .secret = true,
};
