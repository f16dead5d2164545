/*
 * watch.c - one inotify descriptor for all open mailboxes
 */
#include "storesvc/watch/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "metrics/metrics.h"

static struct metric directories = {
	.name = "posthouse_store_inotify_watches", .kind = METRIC_GAUGE,
	.help = "Directories watched through inotify, two for each mailbox.",
};
METRIC_REGISTER(directories);

#define MASK (IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR)
#define READ_BYTES 65536

/* Both watches of a mailbox; both numbers lead here. */
struct watched {
	struct mailbox *box;
	int cur, new;
	bool touched;			/* is in w->touched */
};

struct watch {
	pthread_mutex_t lock;
	int fd;				/* -1: no inotify */
	int wake;			/* an eventfd     */
	bool complained;
	unsigned strays;		/* events whose number nobody has, or not yet */
	struct map by_number;		/* inotify's number -> struct watched */
	struct map by_box;		/* mailbox pointer -> struct watched  */
	struct mailbox **touched;
	size_t count, room;
};

struct watch *
watch_new(void)
{
	struct watch *w = MEM_NEW(struct watch);

	pthread_mutex_init(&w->lock, NULL);
	map_init(&w->by_number);
	map_init(&w->by_box);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->fd < 0)
		log_warn("no inotify: %m; directories are polled");
	return w;
}

void
watch_free(struct watch **watch)
{
	struct watch *w = *watch;

	*watch = NULL;
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->wake >= 0)
		close(w->wake);
	map_release(&w->by_number);
	map_release(&w->by_box);
	pthread_mutex_destroy(&w->lock);
	free(w->touched);
	free(w);
}

static struct span
number_key(const int *number)
{
	return span_of(number, sizeof(*number));
}

static struct span
box_key(struct mailbox *const *box)
{
	return span_of(box, sizeof(*box));
}

/* Asks the directory's disk: lock not held. */
static int
add_directory(const struct watch *w, struct mailbox *box, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", mailbox_dir(box), name);
	return inotify_add_watch(w->fd, path, MASK);
}

static void
complain(struct watch *w, int error)
{
	if (w->fd >= 0 && !w->complained)
		log_warn("cannot watch a directory: %s; raise fs.inotify.max_user_watches; it is polled",
		    strerror(error));
	w->complained = true;
}

void
watch_add(struct watch *w, struct mailbox *box)
{
	pthread_mutex_lock(&w->lock);
	unsigned strays = w->strays;
	pthread_mutex_unlock(&w->lock);
	int cur = w->fd < 0 ? -1 : add_directory(w, box, "cur");
	int new = cur < 0 ? -1 : add_directory(w, box, "new");
	int error = errno;
	if (cur >= 0 && new < 0)
		inotify_rm_watch(w->fd, cur);
	pthread_mutex_lock(&w->lock);
	if (new < 0)
		complain(w, error);
	if (new >= 0) {
		struct watched *entry = MEM_NEW(struct watched);
		*entry = (struct watched){ .box = box, .cur = cur, .new = new };
		(void)map_put(&w->by_number, number_key(&cur), entry);
		(void)map_put(&w->by_number, number_key(&new), entry);
		(void)map_put(&w->by_box, box_key(&box), entry);
		mailbox_watched(box, cur, new);
		/* Another thread may have drained one of its events, and found nobody to give it to. */
		if (w->strays != strays)
			mailbox_events_lost(box);
		metric_add(&directories, 2);
	}
	pthread_mutex_unlock(&w->lock);
}

static void
forget_touched(struct watch *w, const struct mailbox *box)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->touched[i] == box) {
			w->touched[i] = w->touched[--w->count];
			return;
		}
	}
}

void
watch_remove(struct watch *w, struct mailbox *box)
{
	pthread_mutex_lock(&w->lock);
	struct watched *entry = map_remove(&w->by_box, box_key(&box));
	if (entry) {
		(void)map_remove(&w->by_number, number_key(&entry->cur));
		(void)map_remove(&w->by_number, number_key(&entry->new));
		/* A directory that is gone has lost its watch by itself. */
		(void)inotify_rm_watch(w->fd, entry->cur);
		(void)inotify_rm_watch(w->fd, entry->new);
		forget_touched(w, box);
		free(entry);
		metric_add(&directories, -2);
	}
	pthread_mutex_unlock(&w->lock);
}

static void
touch(struct watch *w, struct watched *entry)
{
	if (entry->touched)
		return;
	entry->touched = true;
	MEM_GROW(w->touched, w->count, &w->room);
	w->touched[w->count++] = entry->box;
}

static void
overflowed(struct watch *w)
{
	struct watched *entry;
	size_t at = 0;

	log_warn("inotify events were dropped: directories are read again");
	while ((entry = map_next(&w->by_box, &at, NULL))) {
		mailbox_events_lost(entry->box);
		touch(w, entry);
	}
}

static void
hand_out(struct watch *w, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW) {
		overflowed(w);
		return;
	}
	struct watched *entry = map_find(&w->by_number, number_key(&event->wd));
	w->strays += !entry && !(event->mask & IN_IGNORED);
	if (!entry || event->len == 0)
		return;
	mailbox_event(entry->box, event->wd, event->mask, event->cookie, event->name);
	touch(w, entry);
}

void
watch_drain(struct watch *w)
{
	char bytes[READ_BYTES] __attribute__((aligned(8)));
	ssize_t n;

	if (w->fd < 0)
		return;
	pthread_mutex_lock(&w->lock);
	while ((n = read(w->fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(bytes + at);
			hand_out(w, event);
			at += (ssize_t)sizeof(*event) + event->len;
		}
	}
	pthread_mutex_unlock(&w->lock);
}

bool
watch_wait(struct watch *w, int ms)
{
	struct pollfd pollers[] = { { .fd = w->fd, .events = POLLIN }, { .fd = w->wake, .events = POLLIN } };

	return poll(pollers, 2, ms) > 0 && pollers[0].revents;
}

/* For the end: nobody waits again afterwards. */
void
watch_wake(struct watch *w)
{
	(void)eventfd_write(w->wake, 1);
}

size_t
watch_take_touched(struct watch *w, struct mailbox ***out)
{
	pthread_mutex_lock(&w->lock);
	size_t count = w->count;
	*out = w->touched;
	for (size_t i = 0; i < count; i++) {
		struct watched *entry = map_find(&w->by_box, box_key(&w->touched[i]));
		if (entry)
			entry->touched = false;
	}
	w->touched = NULL;
	w->count = w->room = 0;
	pthread_mutex_unlock(&w->lock);
	return count;
}
