/*
 * cmd_starttls.c - STARTTLS (RFC 9051, 6.2.1)
 *
 * The OK leaves in plaintext; what the client sent behind the command before TLS
 * is thrown away with the connection's input.
 */
#include "frontend/imap/imap_ops.h"

static enum step
starttls_start(struct task *t)
{
	if (!conn_can_start_tls(t->session->conn))
		return imap_bad_arguments(t, conn_is_tls(t->session->conn) ?
		    "TLS is active already" : "TLS is not configured");
	session_start_tls(t->session);
	return imap_ok(t, "Begin TLS negotiation now");
}

const struct imap_ops starttls_ops = { .start = starttls_start };
