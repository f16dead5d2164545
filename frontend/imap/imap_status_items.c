/*
 * imap_status_items.c - status-att (RFC 9051 section 9, RFC 7162, RFC 8438)
 */
#include "frontend/imap/imap_status_items.h"

#include "mail/imap_string.h"

static uint64_t
messages(const Posthouse__StatusReply *s)
{
	return s->messages;
}

static uint64_t
recent(const Posthouse__StatusReply *s)
{
	return s->recent;
}

static uint64_t
uidnext(const Posthouse__StatusReply *s)
{
	return s->uidnext;
}

static uint64_t
uidvalidity(const Posthouse__StatusReply *s)
{
	return s->uidvalidity;
}

static uint64_t
unseen(const Posthouse__StatusReply *s)
{
	return s->unseen;
}

static uint64_t
highestmodseq(const Posthouse__StatusReply *s)
{
	return s->highestmodseq;
}

static uint64_t
size(const Posthouse__StatusReply *s)
{
	return s->size;
}

static uint64_t
deleted(const Posthouse__StatusReply *s)
{
	return s->deleted;
}

static const struct status_item {
	const char *word;
	Posthouse__StatusItem bit;
	uint64_t (*value)(const Posthouse__StatusReply *s);
} status_items[] = {
	{ "MESSAGES",      POSTHOUSE__STATUS_ITEM__STATUS_MESSAGES,      messages },
	{ "RECENT",        POSTHOUSE__STATUS_ITEM__STATUS_RECENT,        recent },
	{ "UIDNEXT",       POSTHOUSE__STATUS_ITEM__STATUS_UIDNEXT,       uidnext },
	{ "UIDVALIDITY",   POSTHOUSE__STATUS_ITEM__STATUS_UIDVALIDITY,   uidvalidity },
	{ "UNSEEN",        POSTHOUSE__STATUS_ITEM__STATUS_UNSEEN,        unseen },
	{ "HIGHESTMODSEQ", POSTHOUSE__STATUS_ITEM__STATUS_HIGHESTMODSEQ, highestmodseq },
	{ "SIZE",          POSTHOUSE__STATUS_ITEM__STATUS_SIZE,          size },
	{ "DELETED",       POSTHOUSE__STATUS_ITEM__STATUS_DELETED,       deleted },
};

enum { STATUS_ITEMS = sizeof(status_items) / sizeof(status_items[0]) };

static enum parse
status_att(struct imap_parser *p, void *arg)
{
	unsigned *items = arg;
	struct span word;

	TRY(rule_keyword(p, &word));
	for (size_t i = 0; i < STATUS_ITEMS; i++) {
		if (span_eq_nocase(word, span_str(status_items[i].word))) {
			*items |= status_items[i].bit;
			return PARSE_OK;
		}
	}
	return rule_bad(p, "Unknown status item");
}

enum parse
rule_status_items(struct imap_parser *p, unsigned *out)
{
	unsigned items = 0;

	TRY(rule_parenthesised(p, false, status_att, &items));
	*out = items;
	return PARSE_OK;
}

void
imap_print_status(struct buf *out, struct span visible, unsigned items,
    const Posthouse__StatusReply *status)
{
	const char *before = " (";

	buf_str(out, "STATUS ");
	imap_string(out, visible);
	for (size_t i = 0; i < STATUS_ITEMS; i++) {
		if (!(items & status_items[i].bit))
			continue;
		buf_printf(out, "%s%s ", before, status_items[i].word);
		buf_number(out, status_items[i].value(status));
		before = " ";
	}
	buf_char(out, ')');
}
