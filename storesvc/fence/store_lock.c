/*
 * store_lock.c - two processes never own one tree
 */
#include "storesvc/fence/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"

#define LOCK_FILE "posthouse-store.lock"

struct store_lock {
	char *path;
	int fd;
	bool is_new;
	struct stat info;
	char instance[64];
};

static void
tell_holder(const char *path, int fd)
{
	char holder[128];
	ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	log_error("%s is held by another store (%s): two processes must not own one tree", path, holder);
}

static struct status
take(struct store_lock *l)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	uint64_t random;

	l->fd = open(l->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	l->is_new = l->fd >= 0;
	if (l->fd < 0 && errno == EEXIST)
		l->fd = open(l->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (l->fd < 0)
		return io_status(errno, "open", l->path);
	if (fcntl(l->fd, F_OFD_SETLK, &whole) < 0) {
		tell_holder(l->path, l->fd);
		return status_make(STATUS_UNAVAILABLE, "Another process owns this tree");
	}
	assert_that(getrandom(&random, sizeof(random), 0) == sizeof(random));
	snprintf(l->instance, sizeof(l->instance), "%016llx pid %d\n", (unsigned long long)random, (int)getpid());
	if (ftruncate(l->fd, 0) < 0 || pwrite(l->fd, l->instance, strlen(l->instance), 0) < 0 ||
	    fstat(l->fd, &l->info) < 0)
		return io_status(errno, "write", l->path);
	/* Taken away between open and lock? */
	return store_lock_held(l) ? STATUS_FINE : status_make(STATUS_UNAVAILABLE, "The lock file was replaced");
}

struct status
store_lock_take(const char *root, struct store_lock **out)
{
	struct store_lock *l = MEM_NEW(struct store_lock);
	size_t size = strlen(root) + sizeof(LOCK_FILE) + 1;

	l->path = mem_alloc(size);
	snprintf(l->path, size, "%s/%s", root, LOCK_FILE);
	struct status st = take(l);
	if (status_ok(st))
		*out = l;
	else
		store_lock_free(&l);
	return st;
}

void
store_lock_free(struct store_lock **lock)
{
	struct store_lock *l = *lock;

	*lock = NULL;
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l->path);
	free(l);
}

bool
store_lock_is_new(const struct store_lock *l)
{
	return l->is_new;
}

bool
store_lock_says_gone(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ESTALE;
}

bool
store_lock_held(const struct store_lock *l)
{
	struct stat now;
	char text[sizeof(l->instance)];

	/* Not to be looked at is not gone: then the file held open has a name still. */
	if (stat(l->path, &now) < 0 && (store_lock_says_gone(errno) || fstat(l->fd, &now) < 0 || now.st_nlink == 0))
		return false;
	if (now.st_ino != l->info.st_ino || now.st_dev != l->info.st_dev)
		return false;
	ssize_t n = pread(l->fd, text, sizeof(text), 0);
	return n < 0 || (n == (ssize_t)strlen(l->instance) && memcmp(text, l->instance, (size_t)n) == 0);
}
