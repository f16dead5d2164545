/*
 * cmd_logout.c - LOGOUT (RFC 9051, 6.1.3)
 */
#include "frontend/imap/imap_ops.h"

static enum step
logout_start(struct task *t)
{
	imap_untagged(t, "BYE Posthouse says goodbye");
	session_logout(t->session);
	return imap_ok(t, "LOGOUT completed");
}

const struct imap_ops logout_ops = { .start = logout_start };
