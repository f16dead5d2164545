/*
 * store_fake_read - FETCH and SEARCH
 *
 * Long answers come in several pulls, a message at a time at the least, so that
 * the frontend's pulling is exercised.
 */
#include "frontend/testing/store_fake.h"
#include "mail/uidpairs.h"

enum { PULL_BYTES = 32 * 1024 };

/* The part of a message that a section names; parts of MIME there are none. */
static struct span
section_bytes(const struct fake_message *m, const Posthouse__Section *section)
{
	struct span all = buf_view(&m->bytes);
	const char *end = memmem(all.at, all.len, "\r\n\r\n", 4);
	size_t header = end ? (size_t)(end - all.at) + 4 : all.len;
	if (section && section->kind == POSTHOUSE__SECTION__KIND__HEADER)
		return span_head(all, header);
	if (section && section->kind == POSTHOUSE__SECTION__KIND__TEXT)
		return span_skip(all, header);
	return all;
}

static void
render_section(struct buf *out, const struct fake_message *m, const Posthouse__FetchItem *item)
{
	struct span bytes = section_bytes(m, item->section);
	if (item->has_partial)
		bytes = span_head(span_skip(bytes, (size_t)item->partial_offset), (size_t)item->partial_length);
	buf_printf(out, "%s {%zu}\r\n", item->label, bytes.len);
	buf_span(out, bytes);
}

static void
render_date(struct buf *out, int64_t seconds)
{
	char text[64];
	struct tm tm;
	time_t t = (time_t)seconds;
	strftime(text, sizeof(text), "%d-%b-%Y %H:%M:%S +0000", gmtime_r(&t, &tm));
	buf_printf(out, "INTERNALDATE \"%s\"", text);
}

static void
render_item(struct buf *out, struct rpc_call *call, const struct fake_box *box, const struct fake_message *m,
    const Posthouse__FetchItem *item, const Posthouse__MailboxRef *ref)
{
	const char *flags = fake_flags_text(&call->arena, box, m->flags);
	bool recent = uidpairs_have(ref->recent, ref->n_recent, m->uid);
	switch (item->kind) {
	case POSTHOUSE__FETCH_ITEM__KIND__FLAGS:
		buf_printf(out, "FLAGS (%s%s%s)", flags, recent && *flags ? " " : "", recent ? "\\Recent" : "");
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__UID:
		buf_printf(out, "UID %u", m->uid);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__INTERNALDATE:
		render_date(out, m->received);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__RFC822_SIZE:
		buf_printf(out, "RFC822.SIZE %zu", m->bytes.len);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__MODSEQ:
		buf_printf(out, "MODSEQ (%llu)", (unsigned long long)m->modseq);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__SECTION:
		render_section(out, m, item);
		break;
	default:
		buf_str(out, "X-NOT-IN-FAKE NIL");
	}
}

static void
render_message(struct buf *out, struct rpc_call *call, struct fake_box *box, struct fake_message *m,
    const Posthouse__FetchRequest *in, uint32_t seq)
{
	bool has_uid = false, read = false;
	for (size_t i = 0; i < in->n_items; i++)
		read |= in->items[i]->kind == POSTHOUSE__FETCH_ITEM__KIND__SECTION && !in->items[i]->peek;
	if (read && !in->box->read_only && !(m->flags & 8)) {
		m->flags |= 8;
		m->modseq = ++box->modseq;
	}
	buf_printf(out, "* %u FETCH (", seq);
	for (size_t i = 0; i < in->n_items; i++) {
		has_uid |= in->items[i]->kind == POSTHOUSE__FETCH_ITEM__KIND__UID;
		buf_str(out, i ? " " : "");
		render_item(out, call, box, m, in->items[i], in->box);
	}
	if (in->by_uid && !has_uid)
		buf_printf(out, "%sUID %u", in->n_items ? " " : "", m->uid);
	buf_str(out, ")\r\n");
}

FAKE_METHOD(fetch, Fetch)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__FetchReply r = POSTHOUSE__FETCH_REPLY__INIT;
	Posthouse__FetchCursor next = POSTHOUSE__FETCH_CURSOR__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	struct buf out;
	buf_init(&out, 0);
	for (size_t i = 0; box && i < in->n_messages && !r.more; i++) {
		const Posthouse__Run *run = in->messages[i];
		for (uint32_t uid = run->first; uid <= run->last && !r.more; uid++) {
			struct fake_message *m = fake_message_find(box, uid);
			if (in->cursor && uid < in->cursor->uid)
				continue;
			if (out.len >= PULL_BYTES) {
				r.more = true;
				next.uid = uid;
				r.next = &next;
			} else if (!m) {
				r.missing++;
			} else if (m->modseq > in->changed_since) {
				render_message(&out, call, box, m, in, run->seq + (uid - run->first));
			}
		}
	}
	if (box && in->want_vanished && !in->cursor)
		for (size_t i = 0; i < box->vanished_count; i++)
			if (box->vanished[i].modseq > in->changed_since)
				fake_run_add(&call->arena, &r.vanished, &r.n_vanished, box->vanished[i].uid, 0);
	if (out.len) {
		memcpy(rpc_attachment_reserve(&call->send, out.len), out.at, out.len);
		rpc_attachment_commit(&call->send, out.len);
	}
	buf_release(&out);
	if (box && !r.more)
		r.delta = fake_delta(f, &call->arena, box, in->box, 0);
	closure(box ? &r : NULL, call);
}

/* --- search ------------------------------------------------------------------------------------ */

static bool
contains(struct span in, const char *text)
{
	struct span word = span_str(text);
	for (size_t i = 0; i + word.len <= in.len; i++)
		if (span_eq_nocase(span_of(in.at + i, word.len), word))
			return true;
	return false;
}

static bool
key_matches(struct fake_box *box, const struct fake_message *m, const Posthouse__SearchKey *key,
    const Posthouse__MailboxRef *ref)
{
	bool all = true, any = false;
	for (size_t i = 0; i < key->n_children; i++) {
		bool matches = key_matches(box, m, key->children[i], ref);
		all &= matches;
		any |= matches;
	}
	int64_t day = m->received / 86400;
	char *flag = key->text;
	switch (key->kind) {
	case POSTHOUSE__SEARCH_KEY__KIND__AND:
		return all;
	case POSTHOUSE__SEARCH_KEY__KIND__OR:
		return any;
	case POSTHOUSE__SEARCH_KEY__KIND__NOT:
		return !any;
	case POSTHOUSE__SEARCH_KEY__KIND__UIDS:
		return fake_runs_have(key->uids, key->n_uids, m->uid);
	case POSTHOUSE__SEARCH_KEY__KIND__FLAG:
		return (m->flags & fake_flags_of(box, &flag, 1)) != 0;
	case POSTHOUSE__SEARCH_KEY__KIND__ADDRESS:
	case POSTHOUSE__SEARCH_KEY__KIND__HEADER:
		return contains(buf_view(&m->bytes), key->field) && contains(buf_view(&m->bytes), key->text);
	case POSTHOUSE__SEARCH_KEY__KIND__BODY:
	case POSTHOUSE__SEARCH_KEY__KIND__TEXT:
		return contains(buf_view(&m->bytes), key->text);
	case POSTHOUSE__SEARCH_KEY__KIND__BEFORE:
		return day < (int64_t)key->number;
	case POSTHOUSE__SEARCH_KEY__KIND__ON:
		return day == (int64_t)key->number;
	case POSTHOUSE__SEARCH_KEY__KIND__SINCE:
		return day >= (int64_t)key->number;
	case POSTHOUSE__SEARCH_KEY__KIND__LARGER:
		return m->bytes.len > key->number;
	case POSTHOUSE__SEARCH_KEY__KIND__SMALLER:
		return m->bytes.len < key->number;
	case POSTHOUSE__SEARCH_KEY__KIND__MODSEQ:
		return m->modseq >= key->number;
	case POSTHOUSE__SEARCH_KEY__KIND__RECENT:
		return uidpairs_have(ref->recent, ref->n_recent, m->uid);
	default:
		return true;
	}
}

FAKE_METHOD(search, Search)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__SearchReply r = POSTHOUSE__SEARCH_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	for (size_t i = 0; box && i < box->count; i++) {
		struct fake_message *m = &box->messages[i];
		if (!fake_runs_have(in->within, in->n_within, m->uid) || !key_matches(box, m, in->key, in->box))
			continue;
		fake_run_add(&call->arena, &r.matches, &r.n_matches, m->uid, 0);
		if (m->modseq > r.modseq)
			r.modseq = m->modseq;
	}
	if (box)
		r.delta = fake_delta(f, &call->arena, box, in->box, 0);
	closure(box ? &r : NULL, call);
}
