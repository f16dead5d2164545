/*
 * events.c - what inotify tells, without a scan
 *
 * Most events are echoes of our own renames; they are recognised by
 * comparing the name with what we know, without a system call. What is left is
 * looked at on disk and becomes a finding. The two halves of a rename are paired by
 * their cookie, so a change of flags costs what one message costs; only a file that
 * left cur/ and came back nowhere in our sight makes a scan necessary.
 */
#include "storesvc/mailbox/inside.h"

#include <sys/inotify.h>
#include <unistd.h>

#include "base/io.h"
#include "storesvc/maildir/name.h"

/* One record in box->events: a byte that says what happened, four bytes of cookie, then the name, terminated. */
enum event_kind { CAME_TO_CUR = 'c', CAME_TO_NEW = 'n', LEFT_CUR = 'm', DELETED_IN_CUR = 'd' };

struct event {
	enum event_kind kind;
	uint32_t cookie;		/* of a rename, else 0         */
	const char *file;		/* lies in the buffer          */
};

/* The other half of a rename may just be on its way. */
#define PARTNER_WAIT_US 3000

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
mailbox_event(struct mailbox *box, int watch, uint32_t mask, uint32_t cookie, const char *name)
{
	pthread_mutex_lock(&box->events_lock);
	int kind = kind_of(box, watch, mask);
	if (kind && name[0] != '.') {
		buf_char(&box->events, (char)kind);
		buf_add(&box->events, &cookie, sizeof(cookie));
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

/* The event at *at, which moves on; false at the end. */
static bool
next_event(const struct buf *events, size_t *at, struct event *out)
{
	if (*at >= events->len)
		return false;
	out->kind = (enum event_kind)events->at[*at];
	memcpy(&out->cookie, events->at + *at + 1, sizeof(out->cookie));
	out->file = events->at + *at + 1 + sizeof(out->cookie);
	*at += 2 + sizeof(out->cookie) + strlen(out->file);
	return true;
}

static int
number_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The cookies of renames that ended in cur/ or new/, ascending. */
struct arrivals {
	uint32_t *cookies;
	size_t count, room;
};

static void
collect_arrivals(const struct buf *events, struct arrivals *out)
{
	struct event e;

	for (size_t at = 0; next_event(events, &at, &e);) {
		if (e.cookie && (e.kind == CAME_TO_CUR || e.kind == CAME_TO_NEW)) {
			MEM_GROW(out->cookies, out->count, &out->room);
			out->cookies[out->count++] = e.cookie;
		}
	}
	if (out->count)
		qsort(out->cookies, out->count, sizeof(*out->cookies), number_order);
}

static bool
has_partner(const struct arrivals *arrivals, uint32_t cookie)
{
	return cookie && arrivals->count &&
	    bsearch(&cookie, arrivals->cookies, arrivals->count, sizeof(cookie), number_order);
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

/* The message whose file this is or was; NULL: none. Read lock held. */
static struct message *
owner_of(struct mailbox *box, const char *file)
{
	struct maildir_name name;

	maildir_name_parse(span_str(file), &name);
	if (!name.uid || !span_eq(name.tag, span_str(box->identity.tag)))
		return NULL;
	struct message *m = mailbox_find(box, name.uid);
	return m && span_eq(name.base, span_str(m->name)) ? m : NULL;
}

/* A name that came to cur/. True: what it is can only be seen in the directory. Read lock held. */
static bool
look_at_arrival(struct mailbox *box, const char *file, struct findings *f)
{
	struct message *m = owner_of(box, file);
	char current[MESSAGE_FILE_MAX];

	if (!m)
		return look_at_newcomer(box, false, file, f);
	mailbox_file_name(box, m, current);
	if (strcmp(current, file) == 0)
		return false;
	enum io_presence presence = look_for(box, "cur", current);
	/* With the message in its place it is a second file, or a link that is about to replace it. */
	if (presence == IO_THERE)
		return look_at_newcomer(box, false, file, f);
	if (presence == IO_GONE)
		findings_add(f, FINDING_FLAGS, m->uid, span_str(file), false);
	return presence == IO_UNKNOWN;
}

/* A name that went from cur/. True: where to can only be seen in the directory. Read lock held. */
static bool
look_at_departure(struct mailbox *box, const struct event *e, const struct arrivals *arrivals, struct findings *f)
{
	struct message *m = owner_of(box, e->file);
	char current[MESSAGE_FILE_MAX];

	if (!m)
		return false;
	mailbox_file_name(box, m, current);
	enum io_presence presence = look_for(box, "cur", current);
	if (presence != IO_GONE)
		return presence == IO_UNKNOWN;
	if (e->kind == LEFT_CUR && !has_partner(arrivals, e->cookie))
		return true;
	/* Programs that change flags by link and unlink have made the other name before: then that is what it is now. */
	if (e->kind == DELETED_IN_CUR && box->linked)
		return true;
	/* Where it came to is a finding of its own, and done before this one. */
	findings_add(f, FINDING_GONE, m->uid, (struct span){ 0 }, false);
	return false;
}

static bool
look_at_all(struct mailbox *box, const struct buf *events, struct findings *f)
{
	struct arrivals arrivals = { 0 };
	struct event e;
	bool lost = false;

	collect_arrivals(events, &arrivals);
	mailbox_lock_read(box);
	for (size_t at = 0; next_event(events, &at, &e);) {
		if (e.kind == CAME_TO_CUR)
			lost |= look_at_arrival(box, e.file, f);
		else if (e.kind == CAME_TO_NEW)
			lost |= look_at_newcomer(box, true, e.file, f);
		else
			lost |= look_at_departure(box, &e, &arrivals, f);
	}
	mailbox_unlock(box);
	free(arrivals.cookies);
	return lost;
}

/* What has come is added to `events`; true: some were dropped. */
static bool
take_events(struct mailbox *box, struct buf *events)
{
	pthread_mutex_lock(&box->events_lock);
	if (box->events.len)
		buf_add(events, box->events.at, box->events.len);
	buf_release(&box->events);
	buf_init(&box->events, EVENTS_MAX);
	bool lost = box->events_lost;
	box->events_lost = false;
	pthread_mutex_unlock(&box->events_lock);
	return lost;
}

/* Findings from all the events there are; true: a scan has to tell the rest. */
static bool
find_all(struct mailbox *box, struct buf *events, struct findings *f)
{
	bool lost = take_events(box, events);

	if (lost || events->len == 0 || !look_at_all(box, events, f))
		return lost;
	usleep(PARTNER_WAIT_US);
	box->hooks->drain(box->hooks_arg);
	if (take_events(box, events))
		return true;
	findings_release(f);
	findings_init(f);
	return look_at_all(box, events, f);
}

/* refresh_lock held. */
struct status
events_apply(struct mailbox *box)
{
	struct status st = STATUS_FINE;
	struct findings f;
	struct buf events;

	buf_init(&events, 0);
	findings_init(&f);
	bool lost = find_all(box, &events, &f);
	if (f.count)
		st = findings_apply(box, &f);
	findings_release(&f);
	buf_release(&events);
	if (!status_ok(st)) {
		/* They will not be told again. */
		mailbox_lock_write(box);
		box->rescan = true;
		mailbox_unlock(box);
	}
	return status_ok(st) && lost ? scan_refresh(box) : st;
}
