/*
 * events.c - what inotify tells, without a scan
 *
 * Most events are echoes of our own renames; they are recognised by
 * comparing the name with what we know, without a system call. What is left is
 * looked at on disk and becomes a finding. A file that left cur/ and came
 * back under no name we were told of makes a scan necessary.
 */
#include "storesvc/mailbox/inside.h"

#include <sys/inotify.h>

#include "base/io.h"
#include "storesvc/maildir/name.h"

/* One record in box->events: a byte that says what happened, then the name, terminated. */
enum event_kind { CAME_TO_CUR = 'c', CAME_TO_NEW = 'n', LEFT_CUR = 'm', DELETED_IN_CUR = 'd' };

/* More than this is not worth telling one by one. */
#define EVENTS_MAX ((size_t)8 << 20)

static int
kind_of(const struct mailbox *box, int watch, uint32_t mask)
{
	bool in_cur = watch == box->watch_cur;

	if (mask & (IN_MOVED_TO | IN_CREATE))
		return in_cur ? CAME_TO_CUR : CAME_TO_NEW;
	if (in_cur && mask & IN_MOVED_FROM)
		return LEFT_CUR;
	if (in_cur && mask & IN_DELETE)
		return DELETED_IN_CUR;
	return 0;
}

void
mailbox_event(struct mailbox *box, int watch, uint32_t mask, const char *name)
{
	pthread_mutex_lock(&box->events_lock);
	int kind = kind_of(box, watch, mask);
	if (kind && name[0] != '.') {
		buf_char(&box->events, (char)kind);
		buf_add(&box->events, name, strlen(name) + 1);
		if (box->events.full)
			box->events_lost = true;
	}
	pthread_mutex_unlock(&box->events_lock);
}

void
mailbox_events_lost(struct mailbox *box)
{
	pthread_mutex_lock(&box->events_lock);
	box->events_lost = true;
	pthread_mutex_unlock(&box->events_lock);
}

static enum io_presence
look_for(const struct mailbox *box, const char *directory, const char *file)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	return io_presence(box->dir, path);
}

/* A name that came to `directory` and is still there. True: that cannot be told. */
static bool
look_at_newcomer(struct mailbox *box, bool in_new, const char *file, struct findings *f)
{
	enum io_presence presence = look_for(box, in_new ? "new" : "cur", file);

	if (presence == IO_THERE)
		findings_add(f, FINDING_NEWCOMER, 0, span_str(file), in_new);
	return presence == IO_UNKNOWN;
}

/* A name in cur/ that came or went. True: what became of it can only be seen in the directory. Read lock held. */
static bool
look_at(struct mailbox *box, enum event_kind kind, const char *file, struct findings *f)
{
	struct maildir_name name;
	struct message *m = NULL;
	char current[MESSAGE_FILE_MAX];

	maildir_name_parse(span_str(file), &name);
	if (name.uid && span_eq(name.tag, span_str(box->identity.tag)))
		m = mailbox_find(box, name.uid);
	if (!m || !span_eq(name.base, span_str(m->name)))
		return kind == CAME_TO_CUR && look_at_newcomer(box, false, file, f);
	mailbox_file_name(box, m, current);
	bool same = strcmp(current, file) == 0;
	if (same == (kind == CAME_TO_CUR))
		return false;
	enum io_presence presence = look_for(box, "cur", current);
	if (presence != IO_GONE)
		return presence == IO_UNKNOWN;
	if (kind == CAME_TO_CUR)
		findings_add(f, FINDING_FLAGS, m->uid, span_str(file), false);
	else if (kind == DELETED_IN_CUR)
		findings_add(f, FINDING_GONE, m->uid, (struct span){ 0 }, false);
	return kind == LEFT_CUR;
}

static bool
look_at_all(struct mailbox *box, const struct buf *events, struct findings *f)
{
	bool lost = false;

	mailbox_lock_read(box);
	for (size_t at = 0; at < events->len;) {
		enum event_kind kind = (enum event_kind)events->at[at];
		const char *file = events->at + at + 1;
		at += strlen(file) + 2;
		if (kind != CAME_TO_NEW)
			lost |= look_at(box, kind, file, f);
		else
			lost |= look_at_newcomer(box, true, file, f);
	}
	mailbox_unlock(box);
	return lost;
}

/* refresh_lock held. */
struct status
events_apply(struct mailbox *box)
{
	struct status st = STATUS_FINE;
	struct findings f;

	pthread_mutex_lock(&box->events_lock);
	struct buf events = box->events;
	buf_init(&box->events, EVENTS_MAX);
	bool lost = box->events_lost;
	box->events_lost = false;
	pthread_mutex_unlock(&box->events_lock);

	findings_init(&f);
	if (!lost && events.len)
		lost = look_at_all(box, &events, &f);
	if (f.count)
		st = findings_apply(box, &f);
	findings_release(&f);
	buf_release(&events);
	return status_ok(st) && lost ? scan_refresh(box) : st;
}
