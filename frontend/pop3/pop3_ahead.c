/*
 * pop3_ahead.c - messages that the store sent before they were asked for
 */
#include "frontend/pop3/pop3_ahead.h"

void
pop3_ahead_init(struct pop3_ahead *a)
{
	*a = (struct pop3_ahead){ 0 };
	uidset_init(&a->seen);
}

static void
drop(struct pop3_ahead *a)
{
	rpc_attachment_release(&a->bytes);
	a->rest = span_of("", 0);
	a->next = a->count = 0;
}

void
pop3_ahead_release(struct pop3_ahead *a)
{
	drop(a);
	uidset_release(&a->seen);
}

bool
pop3_ahead_take(struct pop3_ahead *a, uint32_t number, uint32_t uid, struct span *out)
{
	a->in_order = number == a->last + 1;
	a->last = number;
	if (a->next == a->count || a->uids[a->next] != uid)
		return false;
	*out = span_head(a->rest, a->sizes[a->next]);
	a->rest = span_skip(a->rest, a->sizes[a->next]);
	a->next++;
	uidset_add(&a->seen, number, number);
	return true;
}

void
pop3_ahead_seen(struct pop3_ahead *a, const struct pop3_drop *d, struct uidset *out)
{
	struct uidset left;

	uidset_init(&left);
	for (uint32_t i = 1; i <= a->seen.size; i++) {
		uint32_t number = uidset_at(&a->seen, i);
		const struct pop3_message *m = &d->messages[number - 1];
		if (m->deleted)
			uidset_add(&left, number, number);	/* RSET may bring it back */
		else
			uidset_add(out, m->uid, m->uid);
	}
	uidset_release(&a->seen);
	a->seen = left;
}

static void
tell_seen(struct pop3_ahead *a, const struct pop3_drop *d, struct arena *arena, Posthouse__Pop3ReadRequest *request)
{
	struct uidset seen;

	uidset_init(&seen);
	pop3_ahead_seen(a, d, &seen);
	request->n_seen_before = seen.size;
	request->seen_before = ARENA_ARRAY(arena, seen.size, uint32_t);
	for (uint32_t i = 0; i < seen.size; i++)
		request->seen_before[i] = uidset_at(&seen, i + 1);
	uidset_release(&seen);
}

/* Those behind the last one, as far as they may be kept. */
static void
want_more(const struct pop3_ahead *a, const struct pop3_drop *d, struct arena *arena,
    Posthouse__Pop3ReadRequest *request)
{
	uint64_t bytes = 0;

	request->ahead = ARENA_ARRAY(arena, POP3_AHEAD_MESSAGES, uint32_t);
	for (size_t i = a->last; i < d->count && request->n_ahead < POP3_AHEAD_MESSAGES; i++) {
		const struct pop3_message *m = &d->messages[i];
		if (m->deleted)
			continue;
		bytes += m->size;
		if (bytes > POP3_AHEAD_BYTES)
			return;
		request->ahead[request->n_ahead++] = m->uid;
	}
}

void
pop3_ahead_want(struct pop3_ahead *a, const struct pop3_drop *d, struct arena *arena,
    Posthouse__Pop3ReadRequest *request)
{
	drop(a);
	tell_seen(a, d, arena, request);
	if (a->in_order)
		want_more(a, d, arena, request);
}

struct span
pop3_ahead_keep(struct pop3_ahead *a, const Posthouse__Pop3ReadRequest *request,
    const Posthouse__Pop3ReadReply *reply, struct rpc_attachment *from)
{
	size_t others = 0;

	if (reply->n_ahead_size == 0 || reply->n_ahead_size > request->n_ahead)
		return from->bytes;
	for (size_t i = 0; i < reply->n_ahead_size; i++) {
		a->uids[i] = request->ahead[i];
		a->sizes[i] = reply->ahead_size[i];
		others += reply->ahead_size[i];
	}
	if (others > from->bytes.len)
		return from->bytes;
	drop(a);
	a->count = reply->n_ahead_size;
	a->bytes = rpc_attachment_take(from);
	a->rest = span_skip(a->bytes.bytes, a->bytes.bytes.len - others);
	return span_head(a->bytes.bytes, a->bytes.bytes.len - others);
}
