/*
 * fetch.c - FETCH answers, rendered as the bytes the client gets
 *
 *	pull	batch after batch, until the answer is full
 *	batch	a few hundred messages, copied under the lock, \Seen set where due
 *	message	its steps in order; a big literal may end the pull in the middle
 */
#include "storesvc/fetch/fetch.h"

#include "base/panic.h"
#include "storesvc/fetch/fetch_state.h"

#define KIND(name) POSTHOUSE__FETCH_ITEM__KIND__##name

enum outcome {
	MESSAGE_DONE,
	PULL_FULL
};

/* Everything the answer will need, before a byte of it is out. */
static struct status
prepare(struct fetch *f)
{
	const struct fetch_plan *plan = f->plan;
	struct message_view *v = &f->m->v;
	struct status st = STATUS_FINE;

	if (plan->wants_received)
		st = message_received(f->box, v);
	if (status_ok(st) && (plan->wants_record || (plan->wants_vsize && !v->vsize_known)))
		st = fetch_need_record(f);
	for (size_t i = 0; status_ok(st) && i < plan->count; i++)
		if (fetch_step_needs_file(f, &plan->steps[i]))
			st = fetch_need_file(f);
	return st;
}

static bool
send_cached(struct fetch *f, const struct fetch_step *step)
{
	struct fetch_source source = { .from = FETCH_FROM_BYTES };

	switch (step->kind) {
	case KIND(ENVELOPE):
		source.bytes = f->record.envelope;
		break;
	case KIND(BODY):
		source.bytes = f->record.body;
		break;
	default:
		source.bytes = f->record.bodystructure;
		break;
	}
	source.size = source.bytes.len;
	return fetch_send(f, &source);
}

/* The message is lost: what was announced is made up for, the rest left out. True: the step is done. */
static bool
send_loss(struct fetch *f)
{
	f->lost = true;
	if (f->offset)
		return fetch_send_filler(f);
	fetch_out_lit(&f->out, "NIL");
	return true;
}

/* True: the step is done. */
static bool
send_step(struct fetch *f, const struct fetch_step *step)
{
	struct fetch_source source;
	struct status st;

	switch (step->kind) {
	case KIND(ENVELOPE): case KIND(BODY): case KIND(BODYSTRUCTURE):
		st = fetch_need_record(f);
		if (status_ok(st))
			return send_cached(f, step);
		break;
	case KIND(SECTION):
		st = fetch_section_find(f, step, &source);
		if (status_ok(st))
			return fetch_send(f, &source);
		break;
	default:
		fetch_send_simple(f, step);
		return true;
	}
	return send_loss(f);
}

static void
send_label(struct fetch *f, size_t step)
{
	bool first = step == 0 && !f->plan->uid_first;

	fetch_out_span(&f->out, span_skip(f->plan->steps[step].label, first ? 1 : 0));
}

/* The steps that are left. */
static enum outcome
send_steps(struct fetch *f)
{
	const struct fetch_plan *plan = f->plan;

	for (size_t i = f->item - 1; i < plan->count; i++) {
		f->item = (uint32_t)i + 1;
		if (f->offset == 0 && f->lost)
			return MESSAGE_DONE;
		if (fetch_is_full(f) && i > 0)
			return PULL_FULL;
		if (f->offset == 0)
			send_label(f, i);
		if (!send_step(f, &plan->steps[i]))
			return PULL_FULL;
		f->offset = f->file_offset = f->length = 0;
	}
	f->item = (uint32_t)plan->count + 1;
	return MESSAGE_DONE;
}

static void
begin_message(struct fetch *f)
{
	fetch_out_lit(&f->out, "* ");
	fetch_out_number(&f->out, f->m->seq);
	fetch_out_lit(&f->out, " FETCH (");
	if (f->plan->uid_first) {
		fetch_out_lit(&f->out, "UID ");
		fetch_out_number(&f->out, f->m->v.uid);
	}
	f->item = 1;
}

static void
end_message(struct fetch *f)
{
	if (f->m->seen_now && !f->plan->tells_flags && !f->lost) {
		fetch_out_lit(&f->out, " FLAGS ");
		fetch_send_flags(f);
		if (f->plan->tells_modseq) {
			fetch_out_lit(&f->out, " MODSEQ (");
			fetch_out_number(&f->out, f->m->v.modseq);
			fetch_out_lit(&f->out, ")");
		}
	}
	fetch_out_lit(&f->out, ")\r\n");
	f->item = 0;
}

static void
put_away(struct fetch *f)
{
	message_file_close(&f->file);
	facts_learn(&f->facts, &f->m->v);
	f->has_record = f->has_table = false;
}

static enum outcome
send_message(struct fetch *f, struct fetch_message *m, uint32_t *missing)
{
	f->m = m;
	f->lost = false;
	if (f->item == 0) {
		if (!status_ok(prepare(f))) {
			(*missing)++;
			put_away(f);
			return MESSAGE_DONE;
		}
		begin_message(f);
	}
	enum outcome outcome = send_steps(f);
	if (outcome == MESSAGE_DONE)
		end_message(f);
	put_away(f);
	return outcome;
}

/* A pull may begin within a message that is gone by now. */
static bool
finish_vanished(struct fetch *f, const struct fetch_batch *batch, const Posthouse__FetchCursor *cursor)
{
	assert_that(cursor);
	struct fetch_message gone = { .v = { .uid = cursor->uid } };

	if (f->item == 0 || (batch->count && batch->messages[0].v.uid == cursor->uid))
		return true;
	f->m = &gone;
	f->lost = true;
	if (f->offset && !fetch_send_filler(f))
		return false;
	f->offset = f->file_offset = f->length = 0;
	end_message(f);
	return true;
}

/* \Seen for those of the batch that lack it; marks whom to tell the flags of. */
static struct status
set_seen(struct fetch *f, struct fetch_batch *batch, uint32_t *seen_through)
{
	uint32_t uids[FETCH_BATCH];
	size_t count = 0, at = 0;
	struct status st = STATUS_FINE;

	for (size_t i = 0; i < batch->count; i++)
		if (!(batch->messages[i].v.flags->letters & FLAG_SEEN))
			uids[count++] = batch->messages[i].v.uid;
	if (count) {
		st = mailbox_set_seen(f->box, uids, count);
		fetch_batch_refresh(f->box, batch);
	}
	for (size_t i = 0; i < batch->count; i++) {
		struct fetch_message *m = &batch->messages[i];
		bool now = at < count && uids[at] == m->v.uid;
		at += now;
		m->seen_now = now || m->v.uid <= *seen_through;
	}
	if (count && uids[count - 1] > *seen_through)
		*seen_through = uids[count - 1];
	return st;
}

/* Bytes of an answer, about: what is asked for first saves growing. */
static size_t
expected_bytes(const struct fetch *f, const struct fetch_batch *batch)
{
	uint64_t each = f->plan->wants_record ? 1600 : 100;
	uint64_t all = batch->count * each + (f->plan->wants_bodies ? batch->bytes : 0);

	return all < f->limit ? (size_t)all : f->limit;
}

static void
note_told(const struct fetch_batch *batch, struct uidset *told, uint64_t *told_modseq)
{
	uidset_clear(told);
	*told_modseq = batch->modseq;
	for (size_t i = 0; i < batch->count; i++)
		if (batch->messages[i].seen_now)
			uidset_add(told, batch->messages[i].v.uid, batch->messages[i].v.uid);
}

struct pull {
	uint64_t from;			/* the UID at which to go on */
	uint32_t seen_through;
	uint32_t missing;
	bool more;
};

/* True: the batch is done. */
static bool
send_batch(struct fetch *f, struct fetch_batch *batch, struct pull *p)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct fetch_message *m = &batch->messages[i];
		bool full = fetch_is_full(f) && f->item == 0;
		p->missing += f->item == 0 ? m->missing_before : 0;
		p->from = m->v.uid;
		if (full || send_message(f, m, &p->missing) == PULL_FULL)
			return false;
	}
	p->missing += batch->missing_after;
	p->from = batch->next;
	return true;
}

static struct status
send_batches(struct fetch *f, const Posthouse__FetchRequest *in, struct pull *p, struct uidset *told,
    uint64_t *told_modseq)
{
	struct fetch_batch *batch = mem_alloc(sizeof(*batch));
	struct status st = STATUS_FINE;
	bool done = true;

	p->more = true;
	while (done && p->more && !fetch_is_full(f)) {
		uint64_t room = f->limit - f->out.total;
		fetch_batch_take(f->box, in, p->from, f->plan->wants_bodies ? room : UINT64_MAX, batch);
		if (f->item && !finish_vanished(f, batch, in->cursor))
			break;
		if (f->plan->sets_seen) {
			st = set_seen(f, batch, &p->seen_through);
			note_told(batch, told, told_modseq);
		}
		if (!status_ok(st))
			break;
		fetch_out_reserve(&f->out, expected_bytes(f, batch) + 512);
		done = send_batch(f, batch, p);
		p->more = !(done && batch->last);
	}
	free(batch);
	return st;
}

static void
fill_reply(const struct fetch *f, const struct pull *p, struct arena *a, Posthouse__FetchReply *reply)
{
	reply->missing = p->missing;
	reply->more = p->more;
	if (!p->more)
		return;
	reply->next = ARENA_NEW(a, Posthouse__FetchCursor);
	posthouse__fetch_cursor__init(reply->next);
	reply->next->uid = (uint32_t)p->from;
	reply->next->item = f->item;
	reply->next->offset = f->offset;
	reply->next->file_offset = f->file_offset;
	reply->next->length = f->length;
	reply->next->seen_through = p->seen_through;
}

struct status
fetch_pull(struct mailbox *box, const Posthouse__FetchRequest *in, struct arena *a,
    struct rpc_attachment *out, Posthouse__FetchReply *reply, struct uidset *told, uint64_t *told_modseq)
{
	struct fetch_plan plan;
	struct fetch f = { .box = box, .plan = &plan, .file = MESSAGE_FILE_CLOSED };
	struct pull p = { 0 };
	struct status st = fetch_plan_make(a, in, &plan);

	if (status_ok(st))
		st = fetch_batch_check(in);
	if (!status_ok(st))
		return st;
	f.limit = in->max_bytes == 0 ? FETCH_PULL : in->max_bytes < FETCH_PULL_MOST ? in->max_bytes : FETCH_PULL_MOST;
	if (in->cursor) {
		p.from = in->cursor->uid;
		p.seen_through = in->cursor->seen_through;
		f.item = in->cursor->item;
		f.offset = in->cursor->offset;
		f.file_offset = in->cursor->file_offset;
		f.length = in->cursor->length;
	}
	if (f.item > plan.count + 1 || f.offset > f.length)
		return status_make(STATUS_INVALID, "Bad cursor");

	fetch_out_init(&f.out, out);
	facts_init(&f.facts, box);
	served_init(&f.served);
	buf_init(&f.bytes, 0);
	buf_init(&f.selected, 0);
	arena_init(&f.scratch, 0);

	st = send_batches(&f, in, &p, told, told_modseq);
	fetch_out_finish(&f.out);
	if (status_ok(st))
		fill_reply(&f, &p, a, reply);

	arena_release(&f.scratch);
	buf_release(&f.selected);
	buf_release(&f.bytes);
	served_release(&f.served);
	facts_release(&f.facts);
	return st;
}
