/*
 * method - what all of Store's methods begin and end with
 *
 *	struct method m;
 *	struct status st = method_begin(&m, service, data);
 *	if (status_ok(st))
 *		st = method_box(&m, in->box);
 *	if (status_ok(st))
 *		st = ... m.box ...
 *	method_end(&m, st);
 *	closure(&reply, m.call);
 *
 * Between begin and end the thread works as the account's user. method_box opens the
 * mailbox a request names, checks that it is still the one the session selected
 * (CONFLICT otherwise) and brings it up to date with the directory.
 */
#ifndef METHODS_METHOD_H
#define METHODS_METHOD_H

#include "proto/store.pb-c.h"
#include "rpc/rpc.h"
#include "storesvc/account/account.h"
#include "storesvc/mailbox/mailbox.h"

struct request;
struct store;

struct method {
	struct rpc_call *call;
	struct arena *arena;			/* the call's                      */
	struct store *store;
	const Posthouse__Ticket *ticket;
	struct account *account;		/* held until method_end           */
	struct mailbox *box;			/* from method_box, or NULL        */

	/* Of a change, see method_begin_change. */
	ProtobufCMessage *reply;
	struct request *request;		/* to be remembered                */
	bool repeated;				/* the answer is known already     */
};

/* Ticket checked, account open and entered. Call method_end whatever it returns. */
MUST_USE struct status method_begin(struct method *m, Posthouse__Store_Service *service, void *data);
MUST_USE struct status method_box(struct method *m, const Posthouse__MailboxRef *ref);
/*
 * The same for a method that changes something. When the call is a repetition whose first answer is
 * remembered, *reply and the attachment are filled in, m->repeated is set and nothing is to be done:
 * the status is the first one's. Otherwise method_end remembers *reply for repetitions.
 */
MUST_USE struct status method_begin_change(struct method *m, Posthouse__Store_Service *service, void *data,
    ProtobufCMessage *reply);
/* Was this call made before, perhaps by a process that is dead now? */
static inline bool
method_is_retry(const struct method *m)
{
	return m->call->attempt > 1;
}

/* Canonical name checked and in one form, in the arena. */
MUST_USE struct status method_name(struct method *m, const char *name, struct span *out);
/* Another mailbox of the account; the caller puts it. */
MUST_USE struct status method_open(struct method *m, const char *name, struct mailbox **out);

/* Leaves the account, gives everything back, sets the call's status. */
void method_end(struct method *m, struct status st);

/*
 * What happened in m->box since ref->since_modseq; *out is NULL when that is 0. Takes the
 * lock itself. `own` (may be NULL): changes this call made and reports itself.
 */
struct own_changes {
	struct uidset uids;
	uint64_t first, last;			/* MODSEQs given by this call      */
};
void method_delta(struct method *m, const Posthouse__MailboxRef *ref, const struct own_changes *own,
    Posthouse__Delta **out);
/* The same for any mailbox. */
void method_delta_of(struct method *m, struct mailbox *box, const Posthouse__MailboxRef *ref,
    const struct own_changes *own, Posthouse__Delta **out);

/* Keyword names in order of index, when more are defined than `known`; else nothing changes. Lock held. */
void method_keywords(struct method *m, struct mailbox *box, uint32_t known, size_t *out_count, char ***out_names);

/* Messages with their flags, as parallel lists; the mailbox's lock is held around all of these. */
struct changes_builder {
	struct arena *arena;
	struct mailbox *box;
	Posthouse__Changes *changes;
	size_t room;
	uint32_t *list_of;			/* by flag set: index in flag_lists plus 1 */
};
void changes_begin(struct changes_builder *b, struct arena *a, struct mailbox *box, size_t most);
void changes_add(struct changes_builder *b, const struct message *m);

/* Runs of a request as a set: false when one is empty or backwards. */
MUST_USE bool method_runs(Posthouse__Run *const *runs, size_t count, struct uidset *out);
/* A set as runs in the arena; with numbers from 1 when `numbered`. */
void method_runs_reply(struct arena *a, const struct uidset *set, bool numbered,
    size_t *out_count, Posthouse__Run ***out_runs);

#endif
