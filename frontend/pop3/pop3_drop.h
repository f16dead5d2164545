/*
 * pop3_drop - the messages of a POP3 session, as they were when it began
 *
 * Numbers run from 1 and stay whatever happens: DELE only marks, and what others
 * do to the mailbox does not show. Nothing is removed before QUIT.
 */
#ifndef POP3_DROP_H
#define POP3_DROP_H

#include "base/arena.h"
#include "mail/uidset.h"
#include "proto/store.pb-c.h"

struct pop3_message {
	uint32_t uid;
	bool deleted;
	uint64_t size;			/* octets */
	const char *uidl;		/* NULL: it goes by UID and UIDVALIDITY */
};

struct pop3_drop {
	char *mailbox_id;		/* NULL until the first piece of the list */
	uint32_t uidvalidity;
	struct pop3_message *messages;
	size_t count, room;
	size_t left;			/* not deleted, and how many octets       */
	uint64_t left_size;
	struct arena texts;
};

void pop3_drop_init(struct pop3_drop *d);
void pop3_drop_release(struct pop3_drop *d);
/* One more piece of the list. */
void pop3_drop_add(struct pop3_drop *d, const Posthouse__Pop3ListReply *reply);

/* By number. NULL: there is none, or it is deleted. */
struct pop3_message *pop3_drop_find(struct pop3_drop *d, uint32_t number);
void pop3_drop_delete(struct pop3_drop *d, struct pop3_message *m);
/* RSET */
void pop3_drop_restore(struct pop3_drop *d);
/* UIDs of what is deleted. */
void pop3_drop_deleted(const struct pop3_drop *d, struct uidset *out);

/* "0000000a5f3c1b2a": the same for the same message in every session. */
void pop3_drop_uidl(const struct pop3_drop *d, const struct pop3_message *m, struct buf *out);

#endif
