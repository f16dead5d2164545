/*
 * method_select.c - Select: a mailbox as a session first sees it
 */
#include "storesvc/account/boxes.h"
#include "storesvc/account/folders.h"
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/store.h"

/* How many of the present are from `uid` on. */
static uint32_t
count_from(const Posthouse__SelectReply *reply, uint32_t uid)
{
	uint64_t count = 0;

	for (size_t i = reply->n_present; i-- > 0 && reply->present[i]->last >= uid;) {
		const Posthouse__Run *run = reply->present[i];
		count += (uint64_t)run->last - (run->first > uid ? run->first : uid) + 1;
	}
	return (uint32_t)count;
}

static void
copy_keywords(struct method *m, Posthouse__SelectReply *reply)
{
	const struct keywords *keywords = mailbox_keywords(m->box);

	reply->keywords = ARENA_ARRAY(m->arena, keywords->count + 1, char *);
	for (size_t i = 0; i < keywords->count; i++) {
		if (keywords->names[i])
			reply->keywords[reply->n_keywords++] = arena_strdup(m->arena, keywords->names[i]);
	}
}

/*
 * Sequence match data (RFC 7162 3.2.5.2): up to the last pair that still holds
 * nothing has vanished. Returns that UID, 0 when none holds.
 */
static uint32_t
last_match(const struct uidset *present, const Posthouse__SelectRequest *in)
{
	struct uidset copy;
	uint32_t matched = 0;
	size_t i = 0, j = 0;
	uint32_t a = 0, b = 0;

	uidset_init(&copy);
	uidset_copy(&copy, present);
	while (i < in->n_qresync_match_seq && j < in->n_qresync_match_uid) {
		const Posthouse__Run *seq = in->qresync_match_seq[i], *uid = in->qresync_match_uid[j];
		if (seq->first + a > present->size)
			break;		/* numbers rise: the rest of what the client sent, 2^32 pairs perhaps, is not there */
		if (uidset_position(&copy, uid->first + b) == seq->first + a)
			matched = uid->first + b;
		if (seq->first + a++ >= seq->last)
			i++, a = 0;
		if (uid->first + b++ >= uid->last)
			j++, b = 0;
	}
	uidset_release(&copy);
	return matched;
}

/* What has vanished of `known`; all of it that is not there when the log does not reach back. */
static void
find_vanished(struct method *m, const Posthouse__SelectRequest *in, const struct uidset *known,
    struct uidset *out)
{
	struct uidset logged;

	uidset_init(&logged);
	if (mailbox_vanished(m->box, in->qresync_modseq, &logged)) {
		uidset_intersect(out, &logged, known);
	} else {
		uint32_t matched = last_match(mailbox_present(m->box), in);
		uidset_copy(out, known);
		uidset_remove_all(out, mailbox_present(m->box));
		if (matched)
			uidset_remove(out, 1, matched);
	}
	uidset_release(&logged);
}

static void
find_changed(struct method *m, uint64_t since, const struct uidset *known, Posthouse__SelectReply *reply)
{
	struct changes_builder b;
	size_t count = 0;

	for (struct message *c = mailbox_changed(m->box, since); c; c = mailbox_changed_after(m->box, c))
		count += uidset_has(known, c->uid);
	if (count == 0)
		return;
	changes_begin(&b, m->arena, m->box, count);
	for (struct message *c = mailbox_changed(m->box, since); c; c = mailbox_changed_after(m->box, c)) {
		if (uidset_has(known, c->uid))
			changes_add(&b, c);
	}
	reply->qresync_changed = b.changes;
}

/* Read lock held. */
static struct status
resynchronise(struct method *m, const Posthouse__SelectRequest *in, Posthouse__SelectReply *reply)
{
	struct uidset known, vanished;
	bool whole = in->n_qresync_known == 0;

	if (in->qresync_uidvalidity == 0 || in->qresync_uidvalidity != reply->uidvalidity)
		return STATUS_FINE;
	uidset_init(&known);
	uidset_init(&vanished);
	struct status st = method_runs(in->qresync_known, in->n_qresync_known, &known) ? STATUS_FINE :
	    status_make(STATUS_INVALID, "Malformed set of known UIDs");
	if (whole && reply->uidnext > 1)
		uidset_add(&known, 1, reply->uidnext - 1);
	if (status_ok(st)) {
		find_vanished(m, in, &known, &vanished);
		method_runs_reply(m->arena, &vanished, false, &reply->n_qresync_vanished, &reply->qresync_vanished);
		/* Without a list of what it knows, the client is also told of what is new. */
		find_changed(m, in->qresync_modseq, whole ? mailbox_present(m->box) : &known, reply);
	}
	uidset_release(&known);
	uidset_release(&vanished);
	return st;
}

static struct status
describe(struct method *m, const Posthouse__SelectRequest *in, Posthouse__SelectReply *reply)
{
	struct mailbox *box = m->box;

	reply->mailbox_id = arena_strdup(m->arena, mailbox_id(box));
	reply->uidvalidity = mailbox_uidvalidity(box);
	reply->read_only = in->read_only;
	mailbox_lock_read(box);
	const struct uidset *present = mailbox_present(box);
	reply->uidnext = mailbox_uidnext(box);
	reply->modseq = mailbox_modseq(box);
	reply->exists = (uint32_t)present->size;
	reply->recent_from = mailbox_recent_from(box);
	reply->first_unseen_uid = mailbox_first_unseen(box);
	method_runs_reply(m->arena, present, true, &reply->n_present, &reply->present);
	copy_keywords(m, reply);
	struct status st = resynchronise(m, in, reply);
	mailbox_unlock(box);
	if (!in->read_only)
		reply->recent_from = mailbox_take_recent(box, reply->uidnext);
	reply->recent = count_from(reply, reply->recent_from);
	return st;
}

static void
add_special_use(struct method *m, struct span name, Posthouse__SelectReply *reply)
{
	const char *use = mailbox_special_use(m->box);

	if (!use[0])
		use = folders_use_by_name(name);
	reply->special_use = arena_strdup(m->arena, strcmp(use, "-") == 0 ? "" : use);
}

static void
add_token(struct method *m, Posthouse__SelectReply *reply)
{
	uint8_t *token = arena_alloc(m->arena, BOX_TOKEN_SIZE);

	if (boxes_token(m->store->boxes, m->box, token))
		reply->watch_token = (ProtobufCBinaryData){ BOX_TOKEN_SIZE, token };
}

void
method_select(Posthouse__Store_Service *service, const Posthouse__SelectRequest *in,
    Posthouse__SelectReply_Closure closure, void *data)
{
	Posthouse__SelectReply reply = POSTHOUSE__SELECT_REPLY__INIT;
	struct span name;
	struct method m;
	struct status st = method_begin(&m, service, data);

	if (status_ok(st))
		st = method_name(&m, in->mailbox, &name);
	if (status_ok(st))
		st = account_mailbox(m.account, name, &m.box);
	if (status_ok(st))
		st = describe(&m, in, &reply);
	if (status_ok(st)) {
		add_special_use(&m, name, &reply);
		add_token(&m, &reply);
	}
	method_end(&m, st);
	closure(&reply, m.call);
}
