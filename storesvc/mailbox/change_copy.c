/*
 * change_copy.c - COPY and MOVE
 *
 * COPY is a hard link under a new name, MOVE a rename: the bytes are not
 * touched. The new names bear "R<request>C<source uid>", so that a call repeated
 * after a crash finds what it had done already. The source is only looked at under
 * its own lock; when a file is not there any more, it has been renamed, and
 * the source is looked at again.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/copy_file.h"
#include "storesvc/maildir/name.h"
#include "storesvc/mailbox/inside.h"

#define PIECE 128
#define TRIES 3

/* One message as it is in the source. */
struct item {
	uint32_t uid;
	uint32_t flagset;
	uint64_t size, vsize;
	int64_t received;
	bool size_known, vsize_known;
	char file[MESSAGE_FILE_MAX];
};

/* One copy on its way. */
struct work {
	struct mailbox *from, *to;
	bool move;
	const char *mark;		/* "" or R<request>              */
	struct arena arena;
	struct flag_change *flags;	/* of the source's flag sets, in the target's terms */
	size_t flags_known;
	struct item items[PIECE];
	size_t count;
	struct uidset lost;		/* not found under their names   */
	struct uidset high;		/* in the target, with keywords to log */
	struct copied *out;
};

void
copied_release(struct copied *c)
{
	free(c->source);
	free(c->target);
	*c = (struct copied){ 0 };
}

static void
copied_add(struct copied *c, uint32_t source, uint32_t target)
{
	size_t room = c->room;

	MEM_GROW(c->source, c->count, &room);
	c->target = mem_realloc(c->target, room * sizeof(*c->target));
	c->room = room;
	c->source[c->count] = source;
	c->target[c->count++] = target;
}

/* The next piece of the source from *uid on; *uid is 0 when it ends at `last`. */
static void
take_piece(struct work *w, uint32_t *uid, uint32_t last)
{
	mailbox_lock_read(w->from);
	struct message *m = mailbox_from(w->from, *uid);
	for (w->count = 0; m && m->uid <= last && w->count < PIECE; m = mailbox_after(w->from, m)) {
		struct item *item = &w->items[w->count++];
		*item = (struct item){ .uid = m->uid, .flagset = m->flagset, .size = m->size, .vsize = m->vsize,
			.received = m->received, .size_known = m->size_known, .vsize_known = m->vsize_known };
		mailbox_file_name(w->from, m, item->file);
	}
	*uid = m && m->uid <= last ? m->uid : 0;
	mailbox_unlock(w->from);
}

/* "\\Seen $Label1" in the target's terms. */
static struct status
translate(struct work *w, const char *text, struct flag_change *out)
{
	char *names[512];
	size_t count = 0;
	struct span rest = span_str(text);

	while (rest.at && rest.len && count < sizeof(names) / sizeof(names[0])) {
		struct span name = span_cut(&rest, ' ');
		names[count++] = arena_strndup(&w->arena, name.at, name.len);
	}
	return mailbox_flags_named(&w->arena, w->to, names, count, true, out);
}

static struct status
know_flags(struct work *w, uint32_t flagset)
{
	if (flagset >= w->flags_known) {
		struct flag_change *more = ARENA_ARRAY(&w->arena, (size_t)flagset + 16, struct flag_change);
		if (w->flags_known)
			memcpy(more, w->flags, w->flags_known * sizeof(*more));
		w->flags = more;
		w->flags_known = (size_t)flagset + 16;
	}
	if (w->flags[flagset].high)
		return STATUS_FINE;
	mailbox_lock_read(w->from);
	const struct flagset *set = mailbox_flagset(w->from, flagset);
	mailbox_unlock(w->from);
	return translate(w, set->text, &w->flags[flagset]);
}

/* Where a message goes: name and flags in the target; its UID is used up in any case. Target's lock held. */
static uint32_t
make_name(struct work *w, const struct item *item, struct buf *base, uint32_t *out_flagset)
{
	struct maildir_name name = { .has_size = item->size_known, .has_vsize = item->vsize_known,
		.size = item->size, .vsize = item->vsize };
	char mark[48] = "", unique[MAILDIR_UNIQUE_MAX];
	const struct flag_change *flags = &w->flags[item->flagset];

	if (w->mark[0])
		snprintf(mark, sizeof(mark), "%.31sC%u", w->mark, item->uid);
	maildir_name_unique(unique, mark);
	name.base = span_str(unique);
	uint32_t uid = floors_uid(w->to);
	maildir_name_with_uid(base, &name, uid, w->to->identity.tag);
	*out_flagset = messages_flagset(w->to, flags->letters, flags->high, flags->high_count);
	return uid;
}

static void
add_to_target(struct work *w, const struct item *item, uint32_t uid, struct span base, uint32_t flagset,
    uint64_t modseq)
{
	struct message *m = messages_add(w->to, uid, base, flagset, modseq);

	m->size = item->size;
	m->vsize = item->vsize;
	m->size_known = item->size_known;
	m->vsize_known = item->vsize_known;
	m->received = item->received;
	if (mailbox_flagset(w->to, flagset)->high_count)
		uidset_add(&w->high, uid, uid);
	copied_add(w->out, item->uid, uid);
}

/* A name that its owner gave to something else is not copied as a message. */
static struct status
check_kind(int dir, const char *file)
{
	struct stat info;

	if (fstatat(dir, file, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return io_status(errno, "look at", file);
	if (S_ISREG(info.st_mode))
		return STATUS_FINE;
	log_error("%s is no regular file and is not copied", file);
	return status_make(STATUS_CORRUPT, "Not a regular file");
}

/* The file goes to its new place. NOT_FOUND: it is gone. */
static struct status
place(struct work *w, const char *from, const char *to)
{
	struct status st = w->move ? STATUS_FINE : check_kind(w->from->cur, from);

	if (!status_ok(st))
		return st;
	fence_check();
	int result = w->move ? renameat(w->from->cur, from, w->to->cur, to) :
	    linkat(w->from->cur, from, w->to->cur, to, 0);

	if (result == 0)
		return STATUS_FINE;
	/* File systems without hard links, or with too many to this file. */
	if (!w->move && (errno == EMLINK || errno == EPERM || errno == EOPNOTSUPP || errno == EXDEV))
		return copy_file(w->from->cur, from, w->to->dir, w->to->cur, to);
	return io_status(errno, w->move ? "rename" : "link", from);
}

/* Locks of target, and for MOVE of source, held. */
static struct status
place_one(struct work *w, const struct item *item, uint64_t modseq, uint64_t *gone_modseq)
{
	char file[MESSAGE_FILE_MAX];
	struct buf base;
	uint32_t flagset;

	buf_init(&base, 0);
	uint32_t uid = make_name(w, item, &base, &flagset);
	snprintf(file, sizeof(file), "%.*s:2,%s", (int)base.len, base.at, mailbox_flagset(w->to, flagset)->suffix);
	struct status st = place(w, item->file, file);
	if (st.code == STATUS_NOT_FOUND) {
		uidset_add(&w->lost, item->uid, item->uid);
		st = STATUS_FINE;
	} else if (status_ok(st)) {
		add_to_target(w, item, uid, buf_view(&base), flagset, modseq);
		struct message *old = w->move ? mailbox_find(w->from, item->uid) : NULL;
		if (old && !*gone_modseq)
			*gone_modseq = w->from == w->to ? modseq : floors_modseq(w->from);
		if (old)
			messages_remove(w->from, old, *gone_modseq);
	}
	buf_release(&base);
	return st;
}

/* MOVE changes both at once: both locks, in the order of their addresses. */
static struct status
lock_both(struct work *w)
{
	struct mailbox *first = w->from < w->to ? w->from : w->to;
	struct mailbox *second = w->from < w->to ? w->to : w->from;

	if (!w->move || w->from == w->to)
		return floors_lock(w->to, (uint32_t)w->count, 1);
	for (;;) {
		struct status st = floors_lock(first, PIECE, 1);
		if (!status_ok(st))
			return st;
		mailbox_unlock(first);
		st = floors_lock(second, PIECE, 1);
		if (!status_ok(st))
			return st;
		mailbox_unlock(second);
		mailbox_lock_write(first);
		mailbox_lock_write(second);
		if (floors_enough(first, PIECE, 1) &&
		    floors_enough(second, PIECE, 1) && !first->gone && !second->gone)
			return STATUS_FINE;
		mailbox_unlock(second);
		mailbox_unlock(first);
	}
}

static void
unlock_both(struct work *w)
{
	mailbox_unlock(w->to);
	if (w->move && w->from != w->to)
		mailbox_unlock(w->from);
}

static struct status
place_piece(struct work *w)
{
	struct status st = STATUS_FINE;
	uint64_t gone_modseq = 0;

	for (size_t i = 0; i < w->count && status_ok(st); i++)
		st = know_flags(w, w->items[i].flagset);
	if (status_ok(st))
		st = lock_both(w);
	if (!status_ok(st))
		return st;
	uint64_t modseq = floors_modseq(w->to);
	for (size_t i = 0; i < w->count && status_ok(st); i++)
		st = place_one(w, &w->items[i], modseq, &gone_modseq);
	unlock_both(w);
	return st;
}

static struct status
place_runs(struct work *w, const struct uidset *uids)
{
	struct status st = STATUS_FINE;

	for (size_t i = 0; i < uids->count && status_ok(st); i++) {
		uint32_t uid = uids->runs[i].first;
		while (uid && status_ok(st)) {
			take_piece(w, &uid, uids->runs[i].last);
			if (w->count)
				st = place_piece(w);
			if (uid && status_ok(st))
				st = mailbox_refresh(w->to);
			if (uid && status_ok(st) && w->from != w->to)
				st = mailbox_refresh(w->from);
		}
	}
	return st;
}

/* What an earlier attempt had done: taken out of `left`, noted in w->out. */
static void
find_done(struct work *w, struct uidset *left)
{
	mailbox_lock_read(w->to);
	for (struct message *m = mailbox_from(w->to, 1); m; m = mailbox_after(w->to, m)) {
		const char *mark = strstr(m->name, w->mark);
		uint64_t uid;
		if (!mark || mark[strlen(w->mark)] != 'C')
			continue;
		struct span number = span_str(mark + strlen(w->mark) + 1);
		number = span_head(number, span_index(number, '.'));
		if (span_number(number, UINT32_MAX, &uid) && uid > 0 && uidset_has(left, (uint32_t)uid)) {
			copied_add(w->out, (uint32_t)uid, m->uid);
			if (mailbox_flagset(w->to, m->flagset)->high_count)
				uidset_add(&w->high, m->uid, m->uid);
			uidset_remove(left, (uint32_t)uid, (uint32_t)uid);
		}
	}
	mailbox_unlock(w->to);
}

static struct status
make_durable(struct work *w)
{
	struct status st = keyword_log_append(w->to, &w->high);

	if (status_ok(st) && w->out->count && w->to->policy.fsync != FSYNC_NEVER)
		st = dir_sync(&w->to->sync_cur, w->to->cur);
	if (status_ok(st) && w->move && w->from != w->to && w->out->count && w->to->policy.fsync != FSYNC_NEVER)
		st = dir_sync(&w->from->sync_cur, w->from->cur);
	return st;
}

static void
tell(struct work *w)
{
	if (w->out->count == 0)
		return;
	w->to->hooks->changed(w->to->hooks_arg, w->to);
	if (w->move && w->from != w->to)
		w->from->hooks->changed(w->from->hooks_arg, w->from);
}

struct status
mailbox_copy(struct mailbox *from, const struct uidset *uids, struct mailbox *to,
    bool move, const char *request, bool retry, struct copied *out)
{
	struct work *w = MEM_NEW(struct work);
	char mark[REQUEST_MARK_MAX];
	struct uidset left = { 0 };
	struct status st = STATUS_FINE;

	request_mark(mark, request);
	*w = (struct work){ .from = from, .to = to, .move = move, .mark = mark, .out = out };
	arena_init(&w->arena, 0);
	uidset_copy(&left, uids);
	if (retry && mark[0])
		find_done(w, &left);
	for (int try = 0; try < TRIES && left.count && status_ok(st); try++) {
		/* First a session may have renamed them, then somebody else. */
		if (try)
			st = try == 1 ? mailbox_refresh(from) : mailbox_look_harder(from);
		if (status_ok(st))
			st = place_runs(w, &left);
		uidset_release(&left);
		left = w->lost;
		w->lost = (struct uidset){ 0 };
	}
	if (status_ok(st))
		st = make_durable(w);
	tell(w);
	out->missing = (uint32_t)(uids->size > out->count ? uids->size - out->count : 0);
	uidset_release(&left);
	uidset_release(&w->lost);
	uidset_release(&w->high);
	arena_release(&w->arena);
	free(w);
	return st;
}
