/*
 * findings.c - doing what happened outside
 *
 * Between the look at a directory and the lock, sessions may have renamed the
 * same files. So each finding is checked against the directory again with the
 * lock held, when only outsiders can move files; the next event or scan brings what they did.
 */
#include "storesvc/mailbox/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/name.h"

void
findings_init(struct findings *f)
{
	*f = (struct findings){ 0 };
	arena_init(&f->arena, 0);
}

void
findings_release(struct findings *f)
{
	arena_release(&f->arena);
	free(f->items);
}

void
findings_add(struct findings *f, int kind, uint32_t uid, struct span file, bool in_new)
{
	MEM_GROW(f->items, f->count, &f->room);
	f->items[f->count++] = (struct finding){ .kind = kind, .uid = uid, .in_new = in_new,
		.file = file.at ? arena_strndup(&f->arena, file.at, file.len) : NULL };
}

/*
 * Is the message's file where we think it is? Then nothing has happened to it. Nor has it as
 * far as we know where that cannot be found out; another look at the directory will tell.
 */
static bool
in_place(struct mailbox *box, const struct message *m)
{
	char file[MESSAGE_FILE_MAX];

	mailbox_file_name(box, m, file);
	enum io_presence presence = io_presence(box->cur, file);
	if (presence == IO_UNKNOWN)
		box->rescan = true;
	return presence != IO_GONE;
}

static bool
apply_flags(struct mailbox *box, const struct finding *f, uint64_t modseq)
{
	struct message *m = mailbox_find(box, f->uid);
	struct maildir_name name;

	if (!m || in_place(box, m) || io_presence(box->cur, f->file) != IO_THERE)
		return false;
	maildir_name_parse(span_str(f->file), &name);
	const struct flagset *old = mailbox_flagset(box, m->flagset);
	uint32_t flagset = messages_flagset(box, flag_letters(name.suffix), old->high, old->high_count);
	char wanted[MESSAGE_FILE_MAX];
	messages_set_flags(box, m, flagset, modseq);
	/* Letters in an order of their own: put straight, so that we know the name. */
	mailbox_file_name(box, m, wanted);
	fence_check();
	if (strcmp(wanted, f->file) != 0 && renameat(box->cur, f->file, box->cur, wanted) < 0)
		box->rescan = true;
	return true;
}

static bool
apply_gone(struct mailbox *box, const struct finding *f, uint64_t modseq)
{
	struct message *m = mailbox_find(box, f->uid);

	if (!m || in_place(box, m))
		return false;
	messages_remove(box, m, modseq);
	return true;
}

/* False: not a message's file, or gone already. */
static bool
measure(struct mailbox *box, const struct finding *f, struct maildir_name *name, int64_t *out_received)
{
	struct stat info;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", f->in_new ? "new" : "cur", f->file);
	if (fstatat(box->dir, path, &info, AT_SYMLINK_NOFOLLOW) < 0) {
		box->rescan |= errno != ENOENT;
		return false;
	}
	if (!S_ISREG(info.st_mode))
		return false;
	/* A W that came with a wrong S is not to be believed either. */
	if (name->has_size && name->size != (uint64_t)info.st_size)
		name->has_vsize = false;
	name->has_size = true;
	name->size = (uint64_t)info.st_size;
	*out_received = info.st_mtime;
	return true;
}

/* Two names of one file, as there are while somebody changes flags by link and unlink. */
static bool
same_file(int dir, const char *a, const char *b)
{
	struct stat x, y;

	return fstatat(dir, a, &x, AT_SYMLINK_NOFOLLOW) == 0 && fstatat(dir, b, &y, AT_SYMLINK_NOFOLLOW) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/*
 * A listing may show a file twice while it is renamed: a name that is that of a
 * message, or has become it, or is a link to it, is no newcomer. A second file with the same UID is:
 * it gets a UID of its own at once, so that it is never asked again which of the two was meant.
 */
static bool
known_already(struct mailbox *box, const struct finding *f, const struct maildir_name *name, bool *changed,
    uint64_t modseq)
{
	char file[MESSAGE_FILE_MAX];
	struct message *m = NULL;

	*changed = false;
	if (!f->in_new && name->uid && span_eq(name->tag, span_str(box->identity.tag)))
		m = mailbox_find(box, name->uid);
	if (!m || !span_eq(name->base, span_str(m->name)))
		return false;
	mailbox_file_name(box, m, file);
	if (strcmp(file, f->file) == 0)
		return true;
	enum io_presence presence = io_presence(box->cur, file);
	if (presence == IO_UNKNOWN) {
		box->rescan = true;
		return true;
	}
	if (presence == IO_THERE) {
		bool linked = same_file(box->cur, file, f->file);
		box->linked |= linked;
		return linked;
	}
	struct finding flags = { FINDING_FLAGS, m->uid, f->file, false };
	*changed = apply_flags(box, &flags, modseq);
	return true;
}

/* The rename that gives a UID. */
static bool
admit(struct mailbox *box, const struct finding *f, uint64_t modseq)
{
	struct maildir_name name;
	int64_t received;
	char from[512], to[512];
	struct buf base;

	maildir_name_parse(span_str(f->file), &name);
	bool done;
	if (known_already(box, f, &name, &done, modseq))
		return done;
	if (!measure(box, f, &name, &received))
		return false;
	uint32_t uid = floors_uid(box);
	uint32_t flagset = messages_flagset(box, flag_letters(name.suffix), NULL, 0);
	buf_init(&base, 0);
	maildir_name_with_uid(&base, &name, uid, box->identity.tag);
	snprintf(from, sizeof(from), "%s/%s", f->in_new ? "new" : "cur", f->file);
	snprintf(to, sizeof(to), "cur/%.*s:2,%s", (int)base.len, base.at, mailbox_flagset(box, flagset)->suffix);
	fence_check();
	done = renameat(box->dir, from, box->dir, to) == 0;
	if (done) {
		struct message *m = messages_add(box, uid, buf_view(&base), flagset, modseq);
		m->size = name.size;
		m->size_known = true;
		m->vsize = name.vsize;
		m->vsize_known = name.has_vsize;
		m->received = received;
	} else {
		/* Moved by somebody else, which is an event of its own; or there, and to be looked for again. */
		if (errno != ENOENT)
			box->rescan = true;
		log_warn("cannot rename a new message: %m");
	}
	buf_release(&base);
	return done;
}

/* Flags and departures first, then newcomers in the order of their delivery. */
static int
finding_order(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	struct maildir_name left, right;

	if ((x->kind == FINDING_NEWCOMER) != (y->kind == FINDING_NEWCOMER))
		return x->kind == FINDING_NEWCOMER ? 1 : -1;
	/* Of one message flags before departure: some change flags by link and unlink. */
	if (x->kind != FINDING_NEWCOMER && x->uid == y->uid)
		return (int)x->kind - (int)y->kind;
	if (x->kind != FINDING_NEWCOMER)
		return x->uid < y->uid ? -1 : 1;
	maildir_name_parse(span_str(x->file), &left);
	maildir_name_parse(span_str(y->file), &right);
	return maildir_name_order(&left, &right);
}

static bool
apply_one(struct mailbox *box, const struct finding *f, uint64_t modseq)
{
	struct message *m;

	switch (f->kind) {
	case FINDING_FLAGS:
		/* With the message in its place it is a second file. */
		m = mailbox_find(box, f->uid);
		return m && in_place(box, m) ? admit(box, f, modseq) : apply_flags(box, f, modseq);
	case FINDING_GONE:
		return apply_gone(box, f, modseq);
	case FINDING_NEWCOMER:
		return admit(box, f, modseq);
	}
	return false;
}

/* So many under one lock: a folder of others' making is taken over in pieces. */
#define PIECE 256

struct status
findings_apply(struct mailbox *box, struct findings *f)
{
	bool any = false;

	qsort(f->items, f->count, sizeof(*f->items), finding_order);
	for (size_t at = 0; at < f->count; at += PIECE) {
		size_t end = at + PIECE < f->count ? at + PIECE : f->count;
		struct status st = floors_lock(box, (uint32_t)(end - at), 1);
		if (!status_ok(st))
			return st;
		uint64_t modseq = floors_modseq(box);
		for (size_t i = at; i < end; i++)
			any |= apply_one(box, &f->items[i], modseq);
		messages_compact(box);
		mailbox_unlock(box);
		/* The echoes of these renames are taken off the queue before it overflows. */
		box->hooks->drain(box->hooks_arg);
	}
	if (any)
		box->hooks->changed(box->hooks_arg, box);
	return STATUS_FINE;
}
