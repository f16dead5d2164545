/*
 * cmd_stls.c - STLS (RFC 2595, 4)
 *
 * The +OK leaves in plaintext; what the client sent behind the command before TLS is
 * thrown away, and so is a USER that anybody may have sent.
 */
#include "base/mem.h"
#include "frontend/pop3/pop3_command.h"

static enum step
stls_start(struct task *t)
{
	struct pop3_session *p = pop3_session(t->session);

	if (!conn_can_start_tls(t->session->conn))
		return pop3_err(t, conn_is_tls(t->session->conn) ? "TLS is active already" : "TLS is not configured");
	free(p->user);
	p->user = NULL;
	session_start_tls(t->session);
	return pop3_ok(t, "Begin TLS negotiation now");
}

const struct pop3_ops pop3_stls_ops = { .start = stls_start };
