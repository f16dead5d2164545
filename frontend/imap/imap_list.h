/*
 * imap_list - which mailboxes LIST and LSUB show, and how
 *
 * storesvc is asked for candidates; whether a name is shown is decided here, on
 * the names the client sees (RFC 5258 section 3.5):
 *
 *	meets the criteria, matches a pattern		shown
 *	does not meet them, matches a pattern, has a	shown with CHILDINFO, if recursive
 *	descendant that meets them and is not shown
 *
 * The criteria are: subscribed, has a special use, or none.
 */
#ifndef IMAP_LIST_H
#define IMAP_LIST_H

#include "frontend/imap/imap_command.h"

struct imap_list {
	struct imap_names names;
	struct imap_strings patterns;	/* visible, joined with the reference   */
	bool lsub, extended;
	bool subscribed, special_use;	/* criteria                             */
	bool recursive;
	bool return_subscribed;
	unsigned status_items;		/* RETURN (STATUS (...)), 0: none       */
};

/* False: no mailbox can match. */
MUST_USE bool imap_list_ask(const struct imap_list *list, struct arena *a, Posthouse__ListRequest *out);

/* LIST or LSUB lines, and STATUS lines. */
void imap_list_show(const struct imap_list *list, struct arena *a, const Posthouse__ListReply *reply,
    struct buf *out);

#endif
