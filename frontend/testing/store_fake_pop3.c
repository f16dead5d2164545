/*
 * store_fake - POP3's list and messages
 *
 * Lists come three messages at a time and messages in pieces of `max_bytes`, so that tests see
 * both going on.
 */
#include "frontend/testing/store_fake.h"

enum { LIST_PIECE = 3, AHEAD = 3, SEEN = 8 };

FAKE_METHOD(pop3_list, Pop3List)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__Pop3ListReply r = POSTHOUSE__POP3_LIST_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	r.uid = ARENA_ARRAY(&call->arena, LIST_PIECE, uint32_t);
	r.size = ARENA_ARRAY(&call->arena, LIST_PIECE, uint64_t);
	for (size_t i = 0; box && i < box->count; i++) {
		if (box->messages[i].uid <= in->after_uid)
			continue;
		if (r.n_uid == LIST_PIECE) {
			r.next_after_uid = r.uid[LIST_PIECE - 1];
			break;
		}
		r.uid[r.n_uid++] = box->messages[i].uid;
		r.size[r.n_size++] = box->messages[i].bytes.len;
	}
	if (box) {
		r.mailbox_id = box->id;
		r.uidvalidity = box->uidvalidity;
	}
	closure(box ? &r : NULL, call);
}

static void
send_bytes(struct rpc_call *call, struct span bytes)
{
	if (!bytes.len)
		return;
	memcpy(rpc_attachment_reserve(&call->send, bytes.len), bytes.at, bytes.len);
	rpc_attachment_commit(&call->send, bytes.len);
}

/* Never more than three. */
static void
read_ahead(struct fake_box *box, struct rpc_call *call, const Posthouse__Pop3ReadRequest *in,
    Posthouse__Pop3ReadReply *r)
{
	r->ahead_size = ARENA_ARRAY(&call->arena, AHEAD, uint32_t);
	while (r->n_ahead_size < AHEAD && r->n_ahead_size < in->n_ahead) {
		struct fake_message *m = fake_message_find(box, in->ahead[r->n_ahead_size]);
		if (!m)
			return;
		send_bytes(call, buf_view(&m->bytes));
		r->ahead_size[r->n_ahead_size++] = (uint32_t)m->bytes.len;
	}
}

FAKE_METHOD(pop3_read, Pop3Read)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__Pop3ReadReply r = POSTHOUSE__POP3_READ_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	struct fake_message *m = box ? fake_message_find(box, in->uid) : NULL;
	if (box && !m)
		call->status = status_make(STATUS_NOT_FOUND, "The message is gone");
	if (m) {
		struct span rest = span_skip(buf_view(&m->bytes), (size_t)in->disk);
		struct span piece = span_head(rest, in->max_bytes ? in->max_bytes : rest.len);
		send_bytes(call, piece);
		r.disk = r.served = in->disk + piece.len;
		r.more = piece.len < rest.len;
		if (in->seen)
			m->flags |= SEEN;
		if (!r.more)
			read_ahead(box, call, in, &r);
		for (size_t i = 0; i < in->n_seen_before; i++)
			if ((m = fake_message_find(box, in->seen_before[i])))
				m->flags |= SEEN;
		f->pop3_reads++;
		closure(&r, call);
		return;
	}
	closure(NULL, call);
}
