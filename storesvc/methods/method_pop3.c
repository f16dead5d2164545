/*
 * method_pop3.c - Pop3List and Pop3Read: INBOX as POP3 sees it, and its messages' bytes
 *
 * What POP3 removes goes through Expunge. All its lines end with CRLF (RFC 1939 3): a message that came
 * with lone LFs, which IMAP gives back as it came, has a CR before each of them here, in its size as well.
 * A lone CR ends no line and stays as it is.
 */
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/pop3/foreign_uidl.h"
#include "storesvc/read/facts.h"
#include "storesvc/read/served.h"

enum {
	LIST_PIECE = 50000,		/* messages in an answer of Pop3List */
	READ_PIECE = 256 * 1024,	/* bytes in an answer of Pop3Read    */
	READ_LEAST = 1024,
	AHEAD_MOST = 64,		/* messages read ahead by one        */
};

static struct status
open_message(struct mailbox *box, struct message_view *v, struct message_file *out)
{
	struct status st = message_file_open(box, v, out);

	out->raw = false;
	return st;
}

/* Only a message that IMAP serves as it is stored can have lone LFs that its size does not count. */
static bool
may_have_lone_lfs(const struct message_view *v)
{
	return !v->size_known || v->vsize == v->size;
}

/* --- Pop3List ------------------------------------------------------------------------ */

struct listed {
	struct message_view v;
	const char *uidl;		/* NULL: our own */
};

/* What is there from `uid` on, as far as one answer goes. */
static size_t
take_views(struct method *m, uint32_t uid, const struct foreign_uidl *foreign, struct listed **out, bool *more)
{
	size_t count = 0;

	mailbox_lock_read(m->box);
	size_t most = (size_t)mailbox_present(m->box)->size;
	*out = ARENA_ARRAY(m->arena, most < LIST_PIECE ? most : LIST_PIECE, struct listed);
	struct message *at = mailbox_from(m->box, uid);
	for (; at && count < LIST_PIECE; at = mailbox_after(m->box, at)) {
		struct listed *l = &(*out)[count++];
		message_view_take(&l->v, m->box, at);
		l->uidl = foreign_uidl_find(foreign, span_str(at->name));
	}
	*more = at != NULL;
	mailbox_unlock(m->box);
	return count;
}

static void
add_uidl(struct method *m, Posthouse__Pop3ListReply *reply, const struct listed *l)
{
	Posthouse__Pop3Uidl *uidl = ARENA_NEW(m->arena, Posthouse__Pop3Uidl);

	posthouse__pop3_uidl__init(uidl);
	uidl->uid = l->v.uid;
	uidl->text = arena_strdup(m->arena, l->uidl);
	reply->uidl[reply->n_uidl++] = uidl;
}

static void
begin_all(struct served *served, const struct message_file *file)
{
	served_init(served);
	served_begin(served, file, (struct mime_range){ .at = 0, .len = file->size, .size = file->size });
}

/* The size with CRLFs, by going through the file. */
static struct status
count_size(struct method *m, struct message_view *v, uint64_t *out)
{
	struct message_file file;
	struct served served;
	struct status st = open_message(m->box, v, &file);

	if (!status_ok(st))
		return st;
	begin_all(&served, &file);
	served_skip(&served, UINT64_MAX);
	*out = served.served;
	served_release(&served);
	message_file_close(&file);
	return STATUS_FINE;
}

/* What the message has as POP3 sends it. */
static struct status
find_size(struct method *m, struct facts *facts, struct message_view *v, uint64_t *out)
{
	struct cache_record record;
	struct status st = STATUS_FINE;

	if ((!v->vsize_known || may_have_lone_lfs(v)) && !rpc_call_wanted(m->call))
		return status_make(STATUS_CANCELLED, "No longer wanted");
	if (!v->vsize_known)
		st = facts_get(facts, v, &record);
	*out = v->vsize;
	return status_ok(st) && may_have_lone_lfs(v) ? count_size(m, v, out) : st;
}

/* A message that is gone, or that nobody can read, is not there; a passing failure must not make it look so. */
static bool
is_passing(struct status st)
{
	return st.code == STATUS_UNAVAILABLE || st.code == STATUS_EXHAUSTED || st.code == STATUS_DEADLINE ||
	    st.code == STATUS_CANCELLED;
}

/* Sizes that names do not tell come from the files. */
static struct status
fill_list(struct method *m, struct listed *listed, size_t count, Posthouse__Pop3ListReply *reply)
{
	struct facts facts;
	struct status st = STATUS_FINE;

	reply->uid = ARENA_ARRAY(m->arena, count, uint32_t);
	reply->size = ARENA_ARRAY(m->arena, count, uint64_t);
	reply->uidl = ARENA_ARRAY(m->arena, count, Posthouse__Pop3Uidl *);
	facts_init(&facts, m->box);
	for (size_t i = 0; i < count && status_ok(st); i++) {
		uint64_t size;
		st = find_size(m, &facts, &listed[i].v, &size);
		if (is_passing(st))
			break;
		if (!status_ok(st)) {
			st = STATUS_FINE;
			continue;
		}
		reply->uid[reply->n_uid++] = listed[i].v.uid;
		reply->size[reply->n_size++] = size;
		if (listed[i].uidl)
			add_uidl(m, reply, &listed[i]);
	}
	facts_release(&facts);
	return st;
}

static struct status
list(struct method *m, const Posthouse__Pop3ListRequest *in, Posthouse__Pop3ListReply *reply)
{
	struct foreign_uidl foreign;
	struct listed *listed;
	bool more;

	foreign_uidl_read(&foreign, mailbox_dir(m->box));
	size_t count = take_views(m, in->after_uid + 1, &foreign, &listed, &more);
	struct status st = fill_list(m, listed, count, reply);
	foreign_uidl_release(&foreign);
	reply->mailbox_id = arena_strdup(m->arena, mailbox_id(m->box));
	reply->uidvalidity = mailbox_uidvalidity(m->box);
	if (more)
		reply->next_after_uid = listed[count - 1].v.uid;
	return st;
}

void
method_pop3_list(Posthouse__Store_Service *service, const Posthouse__Pop3ListRequest *in,
    Posthouse__Pop3ListReply_Closure closure, void *data)
{
	Posthouse__Pop3ListReply reply = POSTHOUSE__POP3_LIST_REPLY__INIT;
	struct method m;
	struct status st = method_begin(&m, service, data);

	if (status_ok(st))
		st = method_box(&m, in->box);
	if (status_ok(st) && in->after_uid == UINT32_MAX)
		st = status_make(STATUS_INVALID, "There is no such UID");
	if (status_ok(st))
		st = list(&m, in, &reply);
	method_end(&m, st);
	closure(&reply, m.call);
}

/* --- Pop3Read ------------------------------------------------------------------------- */

static struct status
find_view(struct mailbox *box, uint32_t uid, struct message_view *out)
{
	mailbox_lock_read(box);
	struct message *found = mailbox_find(box, uid);
	if (found)
		message_view_take(out, box, found);
	mailbox_unlock(box);
	return found ? STATUS_FINE : status_make(STATUS_NOT_FOUND, "The message is gone");
}

/* The next piece. A piece does not end between a CR that we add and its LF, so `disk` tells where to go on. */
static void
read_piece(struct method *m, const Posthouse__Pop3ReadRequest *in, const struct message_file *file,
    Posthouse__Pop3ReadReply *reply)
{
	size_t room = in->max_bytes && in->max_bytes < READ_PIECE ? in->max_bytes : READ_PIECE;
	struct served served;

	if (room < READ_LEAST)
		room = READ_LEAST;
	if (room / 2 > file->size)
		room = 2 * (size_t)file->size;	/* each LF may become two bytes */
	begin_all(&served, file);
	served_go(&served, in->disk, in->served);
	size_t n = room ? served_read(&served, rpc_attachment_reserve(&m->call->send, room), room) : 0;
	n -= served_untear(&served);
	rpc_attachment_commit(&m->call->send, n);
	reply->more = n > 0 && served.disk < served.end;
	reply->disk = served.disk;
	reply->served = served.served;
	served_release(&served);
}

/* All of a message, when it is there and has no more than `room` bytes. How many it has; 0: it is not that simple. */
static uint32_t
read_whole(struct method *m, uint32_t uid, size_t room)
{
	struct rpc_attachment *to = &m->call->send;
	struct message_file file;
	struct message_view view;
	struct served served;

	if (!status_ok(find_view(m->box, uid, &view)) || !view.vsize_known || view.vsize > room ||
	    !status_ok(open_message(m->box, &view, &file)))
		return 0;
	uint64_t most = may_have_lone_lfs(&view) ? 2 * file.size : view.vsize;
	room = most < room ? (size_t)most : room;
	begin_all(&served, &file);
	size_t n = room ? served_read(&served, rpc_attachment_reserve(to, room), room) : 0;
	if ((n != view.vsize && !may_have_lone_lfs(&view)) || served.disk < served.end)
		n = 0;
	rpc_attachment_commit(to, n);
	served_release(&served);
	message_file_close(&file);
	return (uint32_t)n;
}

/* Up to the first that does not fit or is not there: the client gets that by itself. */
static void
read_ahead(struct method *m, const Posthouse__Pop3ReadRequest *in, Posthouse__Pop3ReadReply *reply)
{
	size_t most = in->n_ahead < AHEAD_MOST ? in->n_ahead : AHEAD_MOST;
	uint32_t size;

	reply->ahead_size = ARENA_ARRAY(m->arena, most, uint32_t);
	while (reply->n_ahead_size < most && m->call->send.bytes.len < READ_PIECE) {
		size = read_whole(m, in->ahead[reply->n_ahead_size], READ_PIECE - m->call->send.bytes.len);
		if (size == 0)
			return;
		reply->ahead_size[reply->n_ahead_size++] = size;
	}
}

/* `this_one`, and those that the client has had from what was read ahead. */
static struct status
set_seen(struct method *m, const Posthouse__Pop3ReadRequest *in, bool this_one)
{
	size_t count = in->n_seen_before;
	uint32_t *uids = ARENA_ARRAY(m->arena, count + 1, uint32_t);

	if (count)
		memcpy(uids, in->seen_before, count * sizeof(*uids));
	if (this_one)
		uids[count++] = in->uid;
	return count ? mailbox_set_seen(m->box, uids, count) : STATUS_FINE;
}

static struct status
read_message(struct method *m, const Posthouse__Pop3ReadRequest *in, Posthouse__Pop3ReadReply *reply)
{
	struct message_file file;
	struct message_view view;
	struct status st = find_view(m->box, in->uid, &view);

	if (status_ok(st))
		st = open_message(m->box, &view, &file);
	if (!status_ok(st))
		return st;
	read_piece(m, in, &file, reply);
	message_file_close(&file);
	if (!reply->more)
		read_ahead(m, in, reply);
	return set_seen(m, in, in->seen && !(view.flags->letters & FLAG_SEEN));
}

void
method_pop3_read(Posthouse__Store_Service *service, const Posthouse__Pop3ReadRequest *in,
    Posthouse__Pop3ReadReply_Closure closure, void *data)
{
	Posthouse__Pop3ReadReply reply = POSTHOUSE__POP3_READ_REPLY__INIT;
	struct method m;
	struct status st = method_begin(&m, service, data);

	if (status_ok(st))
		st = method_box(&m, in->box);
	if (status_ok(st))
		st = read_message(&m, in, &reply);
	if (!status_ok(st))
		rpc_attachment_release(&m.call->send);
	method_end(&m, st);
	closure(&reply, m.call);
}
