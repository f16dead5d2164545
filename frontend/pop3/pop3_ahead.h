/*
 * pop3_ahead - messages that the store sent before they were asked for
 *
 * Clients fetch one message after the other, each when they have the last: a call
 * to the store for each costs more than reading it. So when a client goes through its messages in
 * order, a call brings the next few along, and the RETR that follow
 * are answered from memory. What is kept is little, and goes when it has been used, when the client
 * takes another way, or with the session.
 *
 * A message read ahead is not \Seen before it was retrieved: the next call tells the
 * store which were, and QUIT the last of them.
 */
#ifndef POP3_AHEAD_H
#define POP3_AHEAD_H

#include "frontend/pop3/pop3_drop.h"
#include "rpc/rpc.h"

enum {
	POP3_AHEAD_MESSAGES = 16,
	POP3_AHEAD_BYTES = 64 * 1024,	/* what one session may keep */
};

struct pop3_ahead {
	uint32_t last;			/* number of the message retrieved last */
	bool in_order;			/* ... which came behind the one before */
	struct rpc_attachment bytes;	/* messages, one behind the other    */
	struct span rest;		/* of them, not retrieved yet        */
	uint32_t uids[POP3_AHEAD_MESSAGES], sizes[POP3_AHEAD_MESSAGES];
	size_t next, count;		/* those from `next` are in `rest`   */
	struct uidset seen;		/* numbers of those retrieved of which the store was not told */
};

void pop3_ahead_init(struct pop3_ahead *a);
void pop3_ahead_release(struct pop3_ahead *a);

/* Message `number` is retrieved. True when it is here: its bytes, until the next pop3_ahead_want. */
bool pop3_ahead_take(struct pop3_ahead *a, uint32_t number, uint32_t uid, struct span *out);
/* It was not: complete the call that asks for it. What was kept is dropped. */
void pop3_ahead_want(struct pop3_ahead *a, const struct pop3_drop *d, struct arena *arena,
    Posthouse__Pop3ReadRequest *request);

/* The answer: takes *from if it has more than the first message. The first message's bytes. */
struct span pop3_ahead_keep(struct pop3_ahead *a, const Posthouse__Pop3ReadRequest *request,
    const Posthouse__Pop3ReadReply *reply, struct rpc_attachment *from);

/* Adds the UIDs that the store is to be told of: retrieved and not deleted. They count as told. */
void pop3_ahead_seen(struct pop3_ahead *a, const struct pop3_drop *d, struct uidset *out);

#endif
