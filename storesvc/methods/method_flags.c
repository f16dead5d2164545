/*
 * method_flags.c - Flags: STORE
 *
 * The untagged FETCH answers are made here, as bytes, because the request carries the
 * numbers by which the session knows the messages.
 */
#include "mail/uidpairs.h"
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

/* What to tell of each message. */
struct rendering {
	const Posthouse__FlagsRequest *in;
	const struct flags_result *result;
	bool flags, modseq;
};

static void
add_flags(struct buf *out, const struct flagset *set, bool recent)
{
	buf_add(out, "FLAGS (", 7);
	buf_add(out, set->text, set->text_len);
	if (recent)
		buf_str(out, set->text_len ? " \\Recent" : "\\Recent");
	buf_char(out, ')');
}

/* "* 2 FETCH (FLAGS (\Seen) MODSEQ (12) UID 7)"; all of it for a message that failed UNCHANGEDSINCE */
static void
render_one(const struct rendering *r, const struct mailbox *box, const struct message *m, uint32_t seq,
    struct buf *out)
{
	bool failed = uidset_has(&r->result->modified, m->uid);
	const Posthouse__MailboxRef *ref = r->in->box;
	const char *space = "";

	buf_add(out, "* ", 2);
	buf_number(out, seq);
	buf_add(out, " FETCH (", 8);
	if (r->flags || failed) {
		add_flags(out, mailbox_flagset(box, m->flagset), uidpairs_have(ref->recent, ref->n_recent, m->uid));
		space = " ";
	}
	if (r->modseq || failed) {
		buf_str(out, space);
		buf_add(out, "MODSEQ (", 8);
		buf_number(out, m->modseq);
		buf_char(out, ')');
		space = " ";
	}
	if (r->in->by_uid) {
		buf_str(out, space);
		buf_add(out, "UID ", 4);
		buf_number(out, m->uid);
	}
	buf_add(out, ")\r\n", 3);
}

static bool
to_be_told(const struct rendering *r, uint32_t uid)
{
	const struct flags_result *result = r->result;
	bool changed = (r->flags || r->modseq) && uidset_has(r->in->silent ? &result->touched : &result->done, uid);

	return changed || uidset_has(&result->modified, uid);
}

static void
render(struct mailbox *box, const struct rendering *r, struct buf *out)
{
	if (!r->flags && !r->modseq && !r->result->modified.count)
		return;
	mailbox_lock_read(box);
	for (size_t i = 0; i < r->in->n_messages; i++) {
		const Posthouse__Run *run = r->in->messages[i];
		struct message *m = mailbox_from(box, run->first);
		for (; m && m->uid <= run->last; m = mailbox_after(box, m)) {
			if (to_be_told(r, m->uid))
				render_one(r, box, m, run->seq + (m->uid - run->first), out);
		}
	}
	mailbox_unlock(box);
}

static void
attach(struct method *m, struct buf *out)
{
	size_t len;

	if (out->len) {
		char *bytes = buf_detach(out, &len);
		m->call->send = (struct rpc_attachment){ span_of(bytes, len), bytes, free };
	}
	buf_release(out);
}

static void
report(struct method *m, const Posthouse__FlagsRequest *in, const struct flags_result *result,
    Posthouse__FlagsReply *reply)
{
	struct rendering r = { in, result, !in->silent, in->box->condstore };
	struct own_changes own = { .first = result->first, .last = result->last };
	struct buf out;

	buf_init(&out, 0);
	render(m->box, &r, &out);
	attach(m, &out);
	method_runs_reply(m->arena, &result->modified, false, &reply->n_modified, &reply->modified);
	reply->missing = result->missing;
	/* What others did to a message before is news too, when this answer does not show its flags. */
	uidset_init(&own.uids);
	uidset_copy(&own.uids, &result->touched);
	if (in->silent)
		uidset_remove_all(&own.uids, &result->foreign);
	method_delta(m, in->box, &own, &reply->delta);
	uidset_release(&own.uids);
}

static enum flags_op
op_of(const Posthouse__FlagsRequest *in)
{
	switch (in->op) {
	case POSTHOUSE__FLAGS_REQUEST__OP__ADD:
		return FLAGS_ADD;
	case POSTHOUSE__FLAGS_REQUEST__OP__REMOVE:
		return FLAGS_REMOVE;
	default:
		return FLAGS_REPLACE;
	}
}

static struct status
change(struct method *m, const Posthouse__FlagsRequest *in, Posthouse__FlagsReply *reply)
{
	struct flags_result result;
	struct flag_change wanted;
	struct uidset uids;
	uint64_t unchanged_since = in->has_unchanged_since ? in->unchanged_since : UINT64_MAX;

	if (in->box->read_only)
		return status_make(STATUS_DENIED, "Mailbox is read-only");
	uidset_init(&uids);
	flags_result_init(&result);
	struct status st = method_runs(in->messages, in->n_messages, &uids) ? STATUS_FINE :
	    status_make(STATUS_INVALID, "Malformed set of messages");
	if (status_ok(st))
		st = mailbox_flags_named(m->arena, m->box, in->flags, in->n_flags, op_of(in) != FLAGS_REMOVE, &wanted);
	if (status_ok(st))
		st = mailbox_change_flags(m->box, &uids, op_of(in), &wanted, unchanged_since,
		    in->box->since_modseq ? in->box->since_modseq : UINT64_MAX, &result);
	if (status_ok(st))
		report(m, in, &result, reply);
	flags_result_release(&result);
	uidset_release(&uids);
	return st;
}

void
method_flags(Posthouse__Store_Service *service, const Posthouse__FlagsRequest *in,
    Posthouse__FlagsReply_Closure closure, void *data)
{
	Posthouse__FlagsReply reply = POSTHOUSE__FLAGS_REPLY__INIT;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated)
		st = method_box(&m, in->box);
	if (status_ok(st) && !m.repeated)
		st = change(&m, in, &reply);
	method_end(&m, st);
	closure(&reply, m.call);
}
