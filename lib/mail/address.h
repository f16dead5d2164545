/*
 * address - address lists of RFC 5322 as IMAP shows them
 *
 * Tolerant of everything: groups, routes, comments, the obsolete forms, bare
 * words, garbage. Each address gives the four strings of an IMAP address
 * structure; encoded words are left as they are. A group is a start (mailbox
 * is its name, no host), its members, and an end (nothing at all).
 *
 * An absent string has at == NULL (NIL in IMAP); an empty one does not.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/arena.h"

enum address_kind {
	ADDRESS_MAILBOX,
	ADDRESS_GROUP_START,
	ADDRESS_GROUP_END
};

struct address {
	enum address_kind kind;
	struct span name;	/* the phrase, or else the comment   */
	struct span route;	/* "@a,@b" of an obsolete route-addr */
	struct span mailbox;
	struct span host;	/* NULL in a group start; empty: missing in the address */
	struct address *next;
};

/* At most `max` entries; NULL when the value holds no address. Spans live in the arena or in `value`. */
struct address *address_parse(struct arena *a, struct span value, size_t max);

#endif
