/*
 * cmd_dele.c - DELE, RSET and NOOP (RFC 1939, 5)
 *
 * All in the session's memory: what is marked goes with QUIT, and stays when the
 * connection ends in any other way.
 */
#include "frontend/pop3/pop3_command.h"

static enum step
dele_start(struct task *t)
{
	struct pop3_message *m = pop3_message(t);

	if (!m)
		return pop3_err_message(t);
	pop3_drop_delete(&pop3_session(t->session)->drop, m);
	return pop3_ok(t, "Marked to be deleted");
}

static enum step
rset_start(struct task *t)
{
	struct pop3_drop *drop = &pop3_session(t->session)->drop;

	pop3_drop_restore(drop);
	return pop3_ok(t, "%zu messages (%llu octets)", drop->left, (unsigned long long)drop->left_size);
}

static enum step
noop_start(struct task *t)
{
	return pop3_ok(t, "Here");
}

const struct pop3_ops pop3_dele_ops = { .start = dele_start };
const struct pop3_ops pop3_rset_ops = { .start = rset_start };
const struct pop3_ops pop3_noop_ops = { .start = noop_start };
