/*
 * cmd_id.c - ID (RFC 2971)
 *
 * What the client says of itself is read and forgotten; what we say of
 * ourselves helps nobody to attack us.
 */
#include "frontend/imap/imap_ops.h"

enum { MAX_ID_FIELDS = 60 };

static enum parse
id_value(struct imap_parser *p, void *arg)
{
	unsigned *count = arg;
	struct span value;

	if (++*count > MAX_ID_FIELDS)
		return rule_bad(p, "Too many fields");
	if (*count % 2)
		return rule_string(p, &value);
	return rule_nstring(p, &value);
}

/* id = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil) */
static enum parse
id_parse(struct imap_parser *p, struct imap_frame *frame)
{
	unsigned count = 0;
	bool nil;

	(void)frame;
	p->eight_bit = true;
	TRY(rule_space(p));
	TRY(rule_maybe_word(p, "NIL", &nil));
	if (!nil)
		TRY(rule_parenthesised(p, true, id_value, &count));
	if (count % 2)
		return rule_bad(p, "A value is missing");
	return rule_end(p);
}

static enum step
id_start(struct task *t)
{
	imap_untagged(t, "ID (\"name\" \"Posthouse\")");
	return imap_ok(t, "ID completed");
}

const struct imap_ops id_ops = { .parse = id_parse, .start = id_start };
