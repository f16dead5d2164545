/*
 * cmd_namespace.c - NAMESPACE (RFC 2342)
 */
#include "frontend/imap/imap_ops.h"

#include "mail/imap_string.h"

static enum step
namespace_start(struct task *t)
{
	struct imap_names names = imap_session_names(t->session);
	struct buf prefix;

	buf_init(&prefix, 0);
	imap_string(&prefix, names.prefix);
	imap_untagged(t, "NAMESPACE ((%.*s \"%c\")) NIL NIL", (int)prefix.len, prefix.at, names.separator);
	buf_release(&prefix);
	return imap_ok(t, "NAMESPACE completed");
}

const struct imap_ops namespace_ops = { .start = namespace_start };
