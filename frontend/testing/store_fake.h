/*
 * store_fake - the Store service in memory
 *
 * Mailboxes of any number of accounts in RAM, with UIDs, MODSEQs, keywords, deltas and what vanished: enough for the
 * frontend's protocol tests to run real code in one process. Not here: MIME (ENVELOPE,
 * BODYSTRUCTURE, parts), charsets, other people's folders. The ticket of a call is the account's name.
 *
 *	store_fake.c		mailboxes and their names
 *	store_fake_box.c	messages, flags and deltas
 *	store_fake_change.c	APPEND, STORE, COPY, EXPUNGE
 *	store_fake_read.c	FETCH and SEARCH
 *	store_fake_pop3.c	POP3's list and messages
 */
#ifndef FRONTEND_TESTING_STORE_FAKE_H
#define FRONTEND_TESTING_STORE_FAKE_H

#include "base/arena.h"
#include "base/buf.h"
#include "proto/store.pb-c.h"
#include "rpc/rpc.h"

enum { FAKE_SYSTEM_FLAGS = 5, FAKE_KEYWORDS = 32 };

struct fake_message {
	uint32_t uid;
	uint64_t modseq;
	uint64_t flags;			/* system flags, then keywords       */
	int64_t received;		/* seconds since 1970                */
	struct buf bytes;
};

struct fake_box {
	struct fake_box *next;
	char *account, *name, *id;
	uint32_t uidvalidity, uidnext;
	uint64_t modseq;
	struct fake_message *messages;	/* ascending by uid                  */
	size_t count, room;
	struct { uint32_t uid; uint64_t modseq; } *vanished;
	size_t vanished_count, vanished_room;
	char *keywords[FAKE_KEYWORDS];
	uint32_t keyword_count;
	bool exists, subscribed;	/* a deleted one may still be subscribed */
};

struct store_fake {
	Posthouse__Store_Service service;	/* first */
	struct fake_box *boxes;
	uint32_t made;				/* mailboxes, for ids and UIDVALIDITY */
	uint32_t epoch;				/* tokens of another one are unknown  */
	bool forgetful;				/* answers every delta with a reset   */
	uint32_t pop3_reads;			/* calls of Pop3Read that went well   */
	struct { char id[64]; struct buf bytes; } upload;	/* one at a time */
	/* A mailbox has changed: what Redis would say. May be NULL. */
	void (*on_change)(void *arg, const char *account, const char *mailbox_id, uint64_t modseq);
	void *arg;
};

/* Every account has an empty INBOX as soon as it is asked for. */
void store_fake_init(struct store_fake *f);
void store_fake_release(struct store_fake *f);

/* For tests: a message delivered, as an MTA would. Returns its UID. */
uint32_t store_fake_deliver(struct store_fake *f, const char *account, const char *mailbox, const char *text);
/* NULL: none. */
struct fake_box *store_fake_find(struct store_fake *f, const char *account, const char *mailbox);

/* --- inside ---------------------------------------------------------------------------- */

/* The mailbox of a call, or NULL and call->status set. `id`: from a MailboxRef, or NULL. */
struct fake_box *fake_box_of(struct store_fake *f, struct rpc_call *call, const char *mailbox, const char *id);
struct fake_message *fake_message_find(struct fake_box *box, uint32_t uid);
struct fake_message *fake_message_add(struct fake_box *box, struct span bytes, uint64_t flags);
void fake_message_remove(struct fake_box *box, size_t index);
/* "\Seen $Label1" <-> bits; unknown keywords are defined. */
uint64_t fake_flags_of(struct fake_box *box, char *const *names, size_t count);
char *fake_flags_text(struct arena *a, const struct fake_box *box, uint64_t flags);
/* Since `since`; NULL when since is 0. `own`: changes of that MODSEQ are not mentioned in `changed`; 0: all are. */
Posthouse__Delta *fake_delta(struct store_fake *f, struct arena *a, struct fake_box *box,
    const Posthouse__MailboxRef *ref, uint64_t own);
/* UIDs as runs; `seq` 0: unused, otherwise the first one's number. */
void fake_run_add(struct arena *a, Posthouse__Run ***runs, size_t *count, uint32_t uid, uint32_t seq);
bool fake_runs_have(Posthouse__Run *const *runs, size_t count, uint32_t uid);
Posthouse__Changes *fake_changes(struct arena *a, const struct fake_box *box, uint64_t since, uint64_t own);
void fake_changed(struct store_fake *f, struct fake_box *box);

#define FAKE_METHOD(method, Name)						\
	void fake_##method(Posthouse__Store_Service *service,			\
	    const Posthouse__##Name##Request *in, Posthouse__##Name##Reply_Closure closure, void *data)
FAKE_METHOD(upload, Upload);
FAKE_METHOD(append, Append);
FAKE_METHOD(flags, Flags);
FAKE_METHOD(copy, Copy);
FAKE_METHOD(expunge, Expunge);
FAKE_METHOD(fetch, Fetch);
FAKE_METHOD(search, Search);
FAKE_METHOD(pop3_list, Pop3List);
FAKE_METHOD(pop3_read, Pop3Read);

#endif
