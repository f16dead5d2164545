/*
 * method_append.c - Append: a new message
 *
 *	literal (attachment, or pieces uploaded before and the last one)
 *	-> tmp/ in the form it is kept in, synced
 *	-> cur/ with its UID, the directory synced together with other appends
 *	-> what the cache keeps of it, while its bytes are at hand
 *
 * A repeated call whose first was interrupted finds the message by the mark of
 * its request id in the name.
 */
#include "base/clock.h"
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/mailbox/mailbox_open.h"
#include "storesvc/maildir/spool.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/read/facts.h"
#include "storesvc/store.h"

/* Larger ones are summarised when somebody asks. */
#define SUMMARISE_BELOW ((size_t)4 << 20)

static struct status
take_literal(struct method *m, const Posthouse__AppendRequest *in, struct literal *out)
{
	uint64_t end;

	if (!in->upload_id[0]) {
		*out = literal_in_memory(m->call->received.bytes);
		return STATUS_FINE;
	}
	struct status st = upload_write(account_dir(m->account), span_str(in->upload_id), in->offset,
	    m->call->received.bytes, &end);
	return status_ok(st) ? upload_open(account_dir(m->account), span_str(in->upload_id), out) : st;
}

static struct status
store_message(struct method *m, const Posthouse__AppendRequest *in, const struct literal *literal, const char *mark,
    uint32_t *out_uid)
{
	int64_t received = in->has_received_at ? in->received_at : clock_wall_s();
	bool sync = m->store->config.fsync != FSYNC_NEVER;
	struct spool spool;

	if (literal->size == 0)
		return status_make(STATUS_INVALID, "The message is empty");
	struct status st = spool_write(mailbox_dir(m->box), literal, received, sync, SUMMARISE_BELOW, &spool);
	struct arrival arrival = { .dir = spool.dir, .file = spool.file, .mark = mark,
		.size = spool.size, .vsize = spool.vsize, .received = received };
	if (status_ok(st))
		st = mailbox_flags_named(m->arena, m->box, in->flags, in->n_flags, true, &arrival.flags);
	if (status_ok(st))
		st = mailbox_append(m->box, &arrival, out_uid);
	if (status_ok(st)) {
		spool.file[0] = '\0';
		if (!spool.bytes.full && spool.bytes.len == spool.size)
			facts_keep(m->box, *out_uid, buf_view(&spool.bytes), spool.raw);
	}
	spool_release(&spool);
	return st;
}

/* The literal comes from a frame or a file; either way it is looked at once the mailbox is known. */
static struct status
append(struct method *m, const Posthouse__AppendRequest *in, Posthouse__AppendReply *reply)
{
	struct literal literal = literal_in_memory((struct span){ 0 });
	char mark[REQUEST_MARK_MAX];
	struct status st = method_open(m, in->mailbox, &m->box);

	if (!status_ok(st))
		return st;
	request_mark(mark, m->call->request_id);
	reply->uidvalidity = mailbox_uidvalidity(m->box);
	if (method_is_retry(m) && mark[0])
		st = mailbox_append_again(m->box, mark, &reply->uid);
	if (status_ok(st) && !reply->uid) {
		st = take_literal(m, in, &literal);
		if (status_ok(st))
			st = store_message(m, in, &literal, mark, &reply->uid);
		literal_release(&literal);
	}
	if (in->upload_id[0] && (status_ok(st) || st.code == STATUS_INVALID))
		upload_remove(account_dir(m->account), span_str(in->upload_id));
	return st;
}

/* The message is stored whatever has become of the selected mailbox: its trouble is told by its own calls. */
static void
selected_delta(struct method *m, const Posthouse__MailboxRef *ref, Posthouse__Delta **out)
{
	struct mailbox *box = m->box;

	if (!ref || !ref->since_modseq)
		return;
	m->box = NULL;
	mailbox_put(&box);
	if (status_ok(method_box(m, ref)))
		method_delta(m, ref, NULL, out);
}

void
method_append(Posthouse__Store_Service *service, const Posthouse__AppendRequest *in,
    Posthouse__AppendReply_Closure closure, void *data)
{
	Posthouse__AppendReply reply = POSTHOUSE__APPEND_REPLY__INIT;
	struct method m;
	struct status st = method_begin_change(&m, service, data, &reply.base);

	if (status_ok(st) && !m.repeated) {
		st = append(&m, in, &reply);
		if (status_ok(st))
			selected_delta(&m, in->selected, &reply.delta);
	}
	method_end(&m, st);
	closure(&reply, m.call);
}
