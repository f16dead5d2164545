/*
 * store_fake_change - APPEND, STORE, COPY, EXPUNGE
 */
#include "frontend/testing/store_fake.h"

FAKE_METHOD(upload, Upload)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__UploadReply r = POSTHOUSE__UPLOAD_REPLY__INIT;
	if (in->offset == 0) {
		snprintf(f->upload.id, sizeof(f->upload.id), "%s", in->upload_id);
		buf_reset(&f->upload.bytes);
	}
	call->status = STATUS_FINE;
	if (strcmp(f->upload.id, in->upload_id) != 0 || in->offset > f->upload.bytes.len) {
		call->status = status_make(STATUS_NOT_FOUND, "No such upload");
		closure(NULL, call);
		return;
	}
	f->upload.bytes.len = (size_t)in->offset;
	buf_span(&f->upload.bytes, call->received.bytes);
	r.received = f->upload.bytes.len;
	closure(&r, call);
}

/* The delta of the session's own selected mailbox goes with an answer about another. */
static Posthouse__Delta *
selected_delta(struct store_fake *f, struct rpc_call *call, const Posthouse__MailboxRef *ref)
{
	struct rpc_call *asking = call;
	struct status status = call->status;
	struct fake_box *box = ref ? fake_box_of(f, asking, ref->mailbox, ref->mailbox_id) : NULL;
	call->status = status;
	return box ? fake_delta(f, &call->arena, box, ref, 0) : NULL;
}

FAKE_METHOD(append, Append)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__AppendReply r = POSTHOUSE__APPEND_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->mailbox, NULL);
	if (!box) {
		closure(NULL, call);
		return;
	}
	struct span bytes = call->received.bytes;
	if (*in->upload_id) {
		f->upload.bytes.len = (size_t)in->offset;
		buf_span(&f->upload.bytes, bytes);
		bytes = buf_view(&f->upload.bytes);
	}
	struct fake_message *m = fake_message_add(box, bytes, fake_flags_of(box, in->flags, in->n_flags));
	if (in->has_received_at)
		m->received = in->received_at;
	r.uidvalidity = box->uidvalidity;
	r.uid = m->uid;
	r.delta = selected_delta(f, call, in->selected);
	fake_changed(f, box);
	closure(&r, call);
}

static void
render_flags(struct rpc_call *call, const struct fake_box *box, const struct fake_message *m, bool by_uid,
    bool condstore, bool silent, uint32_t seq)
{
	struct arena *a = &call->arena;
	char *line = arena_printf(a, "* %u FETCH (", seq);
	if (by_uid)
		line = arena_printf(a, "%sUID %u ", line, m->uid);
	if (condstore)
		line = arena_printf(a, "%sMODSEQ (%llu)%s", line, (unsigned long long)m->modseq, silent ? "" : " ");
	if (!silent)
		line = arena_printf(a, "%sFLAGS (%s)", line, fake_flags_text(a, box, m->flags));
	line = arena_printf(a, "%s)\r\n", line);
	size_t len = strlen(line);
	memcpy(rpc_attachment_reserve(&call->send, len), line, len);
	rpc_attachment_commit(&call->send, len);
}

static uint64_t
flags_after(const Posthouse__FlagsRequest *in, uint64_t old, uint64_t named)
{
	switch (in->op) {
	case POSTHOUSE__FLAGS_REQUEST__OP__ADD:
		return old | named;
	case POSTHOUSE__FLAGS_REQUEST__OP__REMOVE:
		return old & ~named;
	default:
		return named;
	}
}

FAKE_METHOD(flags, Flags)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__FlagsReply r = POSTHOUSE__FLAGS_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	if (!box) {
		closure(NULL, call);
		return;
	}
	uint64_t named = fake_flags_of(box, in->flags, in->n_flags), own = ++box->modseq;
	for (size_t i = 0; i < in->n_messages; i++) {
		const Posthouse__Run *run = in->messages[i];
		for (uint32_t uid = run->first; uid <= run->last; uid++) {
			struct fake_message *m = fake_message_find(box, uid);
			r.missing += !m;
			if (!m)
				continue;
			if (in->has_unchanged_since && m->modseq > in->unchanged_since) {
				fake_run_add(&call->arena, &r.modified, &r.n_modified, uid, 0);
				continue;
			}
			m->flags = flags_after(in, m->flags, named);
			m->modseq = own;
			if (!in->silent || in->box->condstore)
				render_flags(call, box, m, in->by_uid, in->box->condstore, in->silent,
				    run->seq + (uid - run->first));
		}
	}
	r.delta = fake_delta(f, &call->arena, box, in->box, own);
	fake_changed(f, box);
	closure(&r, call);
}

FAKE_METHOD(copy, Copy)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	struct arena *a = &call->arena;
	Posthouse__CopyReply r = POSTHOUSE__COPY_REPLY__INIT;
	struct fake_box *to = NULL, *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	if (box)
		to = fake_box_of(f, call, in->to, NULL);
	if (!to) {
		closure(NULL, call);
		return;
	}
	for (size_t i = 0; i < box->count; ) {
		struct fake_message *m = &box->messages[i];
		char *names = fake_flags_text(a, box, m->flags);
		struct span rest = span_str(names), bytes = arena_span(a, buf_view(&m->bytes));
		uint64_t flags = 0;
		if (!fake_runs_have(in->messages, in->n_messages, m->uid)) {
			i++;
			continue;
		}
		while (rest.at && rest.len) {
			struct span word = span_cut(&rest, ' ');
			char *name = arena_strndup(a, word.at, word.len);
			flags |= fake_flags_of(to, &name, 1);
		}
		fake_run_add(a, &r.source, &r.n_source, m->uid, 0);
		fake_run_add(a, &r.target, &r.n_target, fake_message_add(to, bytes, flags)->uid, 0);
		if (in->move)
			fake_message_remove(box, i);
		else
			i++;
	}
	r.uidvalidity = to->uidvalidity;
	r.delta = fake_delta(f, a, box, in->box, 0);
	fake_changed(f, to);
	if (in->move)
		fake_changed(f, box);
	closure(&r, call);
}

FAKE_METHOD(expunge, Expunge)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__ExpungeReply r = POSTHOUSE__EXPUNGE_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	for (size_t i = 0; box && i < box->count; ) {
		bool deleted = in->any_flags || box->messages[i].flags & 4;
		if (deleted && (in->all || fake_runs_have(in->only, in->n_only, box->messages[i].uid)))
			fake_message_remove(box, i);
		else
			i++;
	}
	if (box) {
		r.delta = fake_delta(f, &call->arena, box, in->box, 0);
		fake_changed(f, box);
	}
	closure(box ? &r : NULL, call);
}
