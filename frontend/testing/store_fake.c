/*
 * store_fake - mailboxes and their names
 */
#include "frontend/testing/store_fake.h"

#include "base/mem.h"

/* --- finding ---------------------------------------------------------------------------- */

static struct fake_box *
box_new(struct store_fake *f, const char *account, const char *name)
{
	struct fake_box *box = MEM_NEW(struct fake_box), **end = &f->boxes;
	struct arena a;
	arena_init(&a, 0);
	box->account = mem_strdup(account);
	box->name = mem_strdup(name);
	box->uidvalidity = 1000 + ++f->made;
	box->id = mem_strdup(arena_printf(&a, "M%u", f->made));
	box->uidnext = 1;
	box->modseq = 1;
	box->exists = true;
	arena_release(&a);
	while (*end)
		end = &(*end)->next;
	*end = box;
	return box;
}

static struct fake_box *
box_find_any(struct store_fake *f, const char *account, const char *name)
{
	for (struct fake_box *box = f->boxes; box; box = box->next)
		if (strcmp(box->account, account) == 0 && strcmp(box->name, name) == 0)
			return box;
	return strcmp(name, "INBOX") == 0 ? box_new(f, account, name) : NULL;
}

struct fake_box *
store_fake_find(struct store_fake *f, const char *account, const char *mailbox)
{
	struct fake_box *box = box_find_any(f, account, mailbox);
	return box && box->exists ? box : NULL;
}

static const char *
call_account(struct rpc_call *call)
{
	return arena_strndup(&call->arena, call->ticket.at, call->ticket.len);
}

struct fake_box *
fake_box_of(struct store_fake *f, struct rpc_call *call, const char *mailbox, const char *id)
{
	struct fake_box *box = store_fake_find(f, call_account(call), mailbox);
	call->status = STATUS_FINE;
	if (!box)
		call->status = status_make(STATUS_NOT_FOUND, "No such mailbox");
	else if (id && *id && strcmp(id, box->id) != 0)
		call->status = status_make(STATUS_CONFLICT, "The mailbox has been replaced");
	return status_ok(call->status) ? box : NULL;
}

uint32_t
store_fake_deliver(struct store_fake *f, const char *account, const char *mailbox, const char *text)
{
	struct fake_box *box = store_fake_find(f, account, mailbox);
	uint32_t uid = fake_message_add(box, span_str(text), 0)->uid;
	fake_changed(f, box);
	return uid;
}

/* --- select, sync, watch ------------------------------------------------------------------ */

static ProtobufCBinaryData
token_of(struct store_fake *f, struct arena *a, const struct fake_box *box)
{
	char *token = arena_printf(a, "%u:%s:%s", f->epoch, box->account, box->id);
	return (ProtobufCBinaryData){ strlen(token), (uint8_t *)token };
}

static FAKE_METHOD(select, Select)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	struct arena *a = &call->arena;
	Posthouse__SelectReply r = POSTHOUSE__SELECT_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->mailbox, NULL);
	if (!box) {
		closure(NULL, call);
		return;
	}
	r.mailbox_id = box->id;
	r.uidvalidity = box->uidvalidity;
	r.uidnext = box->uidnext;
	r.modseq = box->modseq;
	r.exists = (uint32_t)box->count;
	r.recent_from = box->uidnext;
	r.keywords = box->keywords;
	r.n_keywords = box->keyword_count;
	r.read_only = in->read_only;
	r.watch_token = token_of(f, a, box);
	for (size_t i = 0; i < box->count; i++) {
		fake_run_add(a, &r.present, &r.n_present, box->messages[i].uid, (uint32_t)i + 1);
		if (!r.first_unseen_uid && !(box->messages[i].flags & 8))
			r.first_unseen_uid = box->messages[i].uid;
	}
	if (in->qresync_uidvalidity == box->uidvalidity) {
		r.qresync_changed = fake_changes(a, box, in->qresync_modseq, 0);
		for (size_t i = 0; i < box->vanished_count; i++)
			if (box->vanished[i].modseq > in->qresync_modseq)
				fake_run_add(a, &r.qresync_vanished, &r.n_qresync_vanished, box->vanished[i].uid, 0);
	}
	closure(&r, call);
}

static FAKE_METHOD(sync, Sync)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__SyncReply r = POSTHOUSE__SYNC_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->box->mailbox, in->box->mailbox_id);
	if (box) {
		r.delta = fake_delta(f, &call->arena, box, in->box, 0);
		r.watch_token = token_of(f, &call->arena, box);
	}
	closure(box ? &r : NULL, call);
}

static FAKE_METHOD(watch, Watch)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	struct arena *a = &call->arena;
	Posthouse__WatchReply r = POSTHOUSE__WATCH_REPLY__INIT;
	r.changed = ARENA_ARRAY(a, in->n_token, uint32_t);
	r.unknown = ARENA_ARRAY(a, in->n_token, uint32_t);
	for (size_t i = 0; i < in->n_token; i++) {
		struct fake_box *found = NULL;
		for (struct fake_box *box = f->boxes; box; box = box->next) {
			ProtobufCBinaryData token = token_of(f, a, box);
			if (span_eq(span_of(token.data, token.len), span_of(in->token[i].data, in->token[i].len)))
				found = box;
		}
		if (!found)
			r.unknown[r.n_unknown++] = (uint32_t)i;
		else if (found->modseq > in->modseq[i])
			r.changed[r.n_changed++] = (uint32_t)i;
	}
	call->status = STATUS_FINE;
	closure(&r, call);
}

/* --- names ------------------------------------------------------------------------------------- */

static bool
pattern_matches(const char *pattern, const char *name)
{
	if (*pattern == '*' || *pattern == '%') {
		for (const char *at = name; ; at++) {
			if (pattern_matches(pattern + 1, at))
				return true;
			if (!*at || (*pattern == '%' && *at == '/'))
				return false;
		}
	}
	if (!*pattern || !*name)
		return *pattern == *name;
	return *pattern == *name && pattern_matches(pattern + 1, name + 1);
}

static void
list_entry(struct store_fake *f, const struct fake_box *box, Posthouse__ListEntry *e)
{
	posthouse__list_entry__init(e);
	e->name = box->name;
	e->exists = box->exists;
	e->subscribed = box->subscribed;
	e->matched = true;
	size_t len = strlen(box->name);
	for (const struct fake_box *other = f->boxes; other; other = other->next) {
		if (strcmp(other->account, box->account) != 0 || strncmp(other->name, box->name, len) != 0
		    || other->name[len] != '/')
			continue;
		e->has_children |= other->exists;
		e->child_subscribed |= other->subscribed;
	}
}

static bool
list_selects(const Posthouse__ListRequest *in, const Posthouse__ListEntry *e)
{
	if (in->subscribed_only)
		return e->subscribed || (in->want_parents && e->child_subscribed);
	return e->exists;
}

static void
box_status(const struct fake_box *box, Posthouse__StatusReply *r)
{
	posthouse__status_reply__init(r);
	for (size_t i = 0; i < box->count; i++) {
		r->unseen += !(box->messages[i].flags & 8);
		r->deleted += (box->messages[i].flags & 4) != 0;
		r->size += box->messages[i].bytes.len;
	}
	r->messages = (uint32_t)box->count;
	r->uidnext = box->uidnext;
	r->uidvalidity = box->uidvalidity;
	r->highestmodseq = box->modseq;
	r->mailbox_id = box->id;
}

static FAKE_METHOD(list, List)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__ListReply r = POSTHOUSE__LIST_REPLY__INIT;
	const char *account = call_account(call);
	(void)store_fake_find(f, account, "INBOX");
	r.entries = ARENA_ARRAY(&call->arena, f->made, Posthouse__ListEntry *);
	for (struct fake_box *box = f->boxes; box; box = box->next) {
		Posthouse__ListEntry *e = ARENA_NEW(&call->arena, Posthouse__ListEntry);
		bool matches = false;
		for (size_t i = 0; i < in->n_patterns; i++)
			matches |= pattern_matches(in->patterns[i], box->name);
		list_entry(f, box, e);
		if (!matches || strcmp(box->account, account) != 0 || !list_selects(in, e))
			continue;
		if (in->want_status && box->exists) {
			e->status = ARENA_NEW(&call->arena, Posthouse__StatusReply);
			box_status(box, e->status);
		}
		r.entries[r.n_entries++] = e;
	}
	call->status = STATUS_FINE;
	closure(&r, call);
}

static FAKE_METHOD(status, Status)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__StatusReply r;
	struct fake_box *box = fake_box_of(f, call, in->mailbox, NULL);
	if (box)
		box_status(box, &r);
	closure(box ? &r : NULL, call);
}

static FAKE_METHOD(create, Create)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	const char *account = call_account(call);
	Posthouse__CreateReply r = POSTHOUSE__CREATE_REPLY__INIT;
	struct fake_box *box = box_find_any(f, account, in->mailbox);
	call->status = STATUS_FINE;
	if (box && box->exists) {
		call->status = status_make(STATUS_EXISTS, "There is such a mailbox already");
		closure(NULL, call);
		return;
	}
	bool subscribed = box && box->subscribed;
	if (box)
		box->name[0] = '\0';	/* never found again */
	box = box_new(f, account, in->mailbox);
	box->subscribed = subscribed;
	r.mailbox_id = box->id;
	closure(&r, call);
}

static FAKE_METHOD(delete, Delete)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__DeleteReply r = POSTHOUSE__DELETE_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->mailbox, NULL);
	if (box)
		box->exists = false;
	closure(box ? &r : NULL, call);
}

static FAKE_METHOD(rename, Rename)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	Posthouse__RenameReply r = POSTHOUSE__RENAME_REPLY__INIT;
	struct fake_box *box = fake_box_of(f, call, in->from, NULL);
	if (box && store_fake_find(f, box->account, in->to)) {
		call->status = status_make(STATUS_EXISTS, "There is such a mailbox already");
		box = NULL;
	}
	if (box) {
		free(box->name);
		box->name = mem_strdup(in->to);
	}
	closure(box ? &r : NULL, call);
}

static FAKE_METHOD(subscribe, Subscribe)
{
	struct store_fake *f = (struct store_fake *)service;
	struct rpc_call *call = data;
	const char *account = call_account(call);
	Posthouse__SubscribeReply r = POSTHOUSE__SUBSCRIBE_REPLY__INIT;
	struct fake_box *box = box_find_any(f, account, in->mailbox);
	if (!box) {
		box = box_new(f, account, in->mailbox);
		box->exists = false;
	}
	box->subscribed = in->subscribed;
	call->status = STATUS_FINE;
	closure(&r, call);
}

/* --- life ----------------------------------------------------------------------------------------- */

void
store_fake_init(struct store_fake *f)
{
	*f = (struct store_fake){ .service = POSTHOUSE__STORE__INIT(fake_), .epoch = 1 };
	buf_init(&f->upload.bytes, 0);
}

void
store_fake_release(struct store_fake *f)
{
	while (f->boxes) {
		struct fake_box *box = f->boxes;
		f->boxes = box->next;
		for (size_t i = 0; i < box->count; i++)
			buf_release(&box->messages[i].bytes);
		for (uint32_t i = 0; i < box->keyword_count; i++)
			free(box->keywords[i]);
		free(box->messages);
		free(box->vanished);
		free(box->account);
		free(box->name);
		free(box->id);
		free(box);
	}
	buf_release(&f->upload.bytes);
}
