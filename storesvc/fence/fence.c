/*
 * fence.c - a store that has lost its tree writes nothing more
 *
 * `good_until` is on the clock that goes on while a machine sleeps. It is set from a time taken before the look at
 * the tree, so it never promises more than was seen.
 */
#include "storesvc/fence/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "storesvc/fence/epoch.h"
#include "storesvc/fence/store_lock.h"

#define EXIT_LOST 75
#define GOOD_MS 1000
#define TAKE_OVER_MS 1500		/* longer than GOOD_MS: by then a former owner has noticed */

struct fence {
	int root;
	struct store_lock *lock;
	struct epoch epoch;
	char text[EPOCH_TEXT_MAX];	/* what the file has while the tree is ours */
	char *path;			/* of that file */
	int file;			/* held open, so that its inode number is not given to another */
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;	/* of `the_fence` */
static struct fence *the_fence;
static atomic_int_least64_t good_until = INT64_MAX;

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Where the path cannot be looked at (no permission, no descriptors, a fault of the storage), which is no sign that
 * somebody took the tree: whoever does replaces the file, and then the one held open has no name any more.
 */
static bool
held_epoch_is_ours(const struct fence *f)
{
	char text[EPOCH_TEXT_MAX];
	struct stat info;

	if (fstat(f->file, &info) < 0)
		return !store_lock_says_gone(errno);
	ssize_t n = pread(f->file, text, sizeof(text), 0);
	return info.st_nlink > 0 && (n < 0 || (n == (ssize_t)strlen(f->text) && memcmp(text, f->text, (size_t)n) == 0));
}

/* Opened by its path each time: a network file system then asks its server. */
static bool
epoch_is_ours(const struct fence *f)
{
	char text[EPOCH_TEXT_MAX];
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return !store_lock_says_gone(errno) && held_epoch_is_ours(f);
	ssize_t n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return held_epoch_is_ours(f);
	return n == (ssize_t)strlen(f->text) && memcmp(text, f->text, (size_t)n) == 0;
}

/* As the process's own user, whoever the thread works for: an account's may not be let through to the root. */
static bool
look_as_ourselves(const struct fence *f)
{
	uid_t uid = (uid_t)setfsuid(geteuid());
	gid_t gid = (gid_t)setfsgid(getegid());
	bool ours = store_lock_held(f->lock) && epoch_is_ours(f);

	setfsgid(gid);
	setfsuid(uid);
	return ours;
}

static bool
look_locked(const struct fence *f)
{
	int64_t now = now_ms();

	if (!look_as_ourselves(f))
		return false;
	atomic_store(&good_until, now + GOOD_MS);
	return true;
}

void
fence_look(void)
{
	pthread_mutex_lock(&guard);
	bool ours = !the_fence || look_locked(the_fence);
	if (!ours) {
		log_error("%s is no longer ours: this store stops at once", the_fence->path);
		_exit(EXIT_LOST);	/* with the guard held: nobody else passes */
	}
	pthread_mutex_unlock(&guard);
}

void
fence_check(void)
{
	if (now_ms() >= atomic_load_explicit(&good_until, memory_order_relaxed))
		fence_look();
}

/* May the former owner still be alive? Not when it left, nor when it ran on this kernel, which freed its lock. */
static bool
may_be_alive(const struct fence *f, const struct epoch *before)
{
	if (before->left)
		return false;
	return store_lock_is_new(f->lock) || strcmp(before->boot, f->epoch.boot) != 0;
}

static void
free_fence(struct fence *f)
{
	store_lock_free(&f->lock);
	if (f->file >= 0)
		close(f->file);
	if (f->root >= 0)
		close(f->root);
	free(f->path);
	free(f);
}

static struct status
write_epoch(struct fence *f)
{
	struct status st = epoch_write(f->root, &f->epoch);

	epoch_print(&f->epoch, f->text);
	if (f->file >= 0)
		close(f->file);
	f->file = openat(f->root, EPOCH_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return st;
}

static struct status
take(struct fence *f, const char *root)
{
	struct epoch before = { 0 };

	f->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->root < 0)
		return io_status(errno, "open", root);
	struct status st = store_lock_take(root, &f->lock);
	if (!status_ok(st))
		return st;
	st = epoch_read(f->root, &before);
	if (!status_ok(st) && st.code != STATUS_NOT_FOUND && st.code != STATUS_CORRUPT)
		return st;
	bool wait = st.code == STATUS_CORRUPT;
	f->epoch = epoch_next(&before);
	wait = wait || (status_ok(st) && may_be_alive(f, &before));
	st = write_epoch(f);
	if (status_ok(st) && wait) {
		log_warn("%s was held by a store on %s that may still be alive: waiting until it has noticed", root,
		    before.host[0] ? before.host : "an unknown machine");
		usleep(TAKE_OVER_MS * 1000);
	}
	return st;
}

struct status
fence_take(const char *root, struct fence **out)
{
	struct fence *f = MEM_NEW(struct fence);
	size_t size = strlen(root) + sizeof(EPOCH_FILE) + 1;

	f->root = f->file = -1;
	f->path = mem_alloc(size);
	snprintf(f->path, size, "%s/%s", root, EPOCH_FILE);
	struct status st = take(f, root);
	if (status_ok(st) && !look_locked(f))
		st = status_make(STATUS_UNAVAILABLE, "Another process has taken this tree");
	if (!status_ok(st)) {
		atomic_store(&good_until, INT64_MAX);
		free_fence(f);
		return st;
	}
	pthread_mutex_lock(&guard);
	assert_that(!the_fence);
	the_fence = f;
	pthread_mutex_unlock(&guard);
	log_info("%s is ours, epoch %llu", root, (unsigned long long)f->epoch.number);
	*out = f;
	return STATUS_FINE;
}

static void
give_up(struct fence **fence, bool leave)
{
	struct fence *f = *fence;

	*fence = NULL;
	if (!f)
		return;
	pthread_mutex_lock(&guard);
	assert_that(the_fence == f);
	the_fence = NULL;
	atomic_store(&good_until, INT64_MAX);
	pthread_mutex_unlock(&guard);
	if (leave && look_locked(f)) {
		f->epoch.left = true;
		if (!status_ok(write_epoch(f)))
			log_warn("the next owner of this tree will wait for us");
	}
	atomic_store(&good_until, INT64_MAX);
	free_fence(f);
}

void
fence_leave(struct fence **fence)
{
	give_up(fence, true);
}

void
fence_abandon(struct fence **fence)
{
	give_up(fence, false);
}
