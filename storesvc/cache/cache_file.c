/*
 * cache_file.c - opening posthouse-cache, or beginning it anew
 */
#include "storesvc/cache/cache_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"

#define FILE_MAGIC 0x3145484341434850u	/* "PHCACHE1" */

struct file_head {
	uint64_t magic;
	uint64_t owner;
	uint64_t checksum;	/* of the two before */
	uint64_t nothing;
};
_Static_assert(sizeof(struct file_head) == CACHE_FILE_HEAD, "records begin at a multiple of eight");

static struct file_head
head_for(uint64_t owner)
{
	struct file_head head = { .magic = FILE_MAGIC, .owner = owner };

	head.checksum = XXH3_64bits(&head, offsetof(struct file_head, checksum));
	return head;
}

static bool
head_is_right(int fd, uint64_t owner)
{
	struct file_head want = head_for(owner), found;

	return pread(fd, &found, sizeof(found), 0) == (ssize_t)sizeof(found) &&
	    memcmp(&found, &want, sizeof(want)) == 0;
}

static bool
begin_anew(int fd, uint64_t owner)
{
	struct file_head head = head_for(owner);

	return ftruncate(fd, 0) == 0 && pwrite(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head);
}

struct cache_file *
cache_file_open(int dir, const char *name, uint64_t owner, bool fresh, uint64_t *out_size)
{
	struct stat st;
	int fd;

	fence_check();
	if (!status_ok(fresh ? io_create_anew(dir, name, &fd) : io_open_file(dir, name, IO_UPDATE, &fd, NULL)))
		return NULL;
	if ((!head_is_right(fd, owner) && !begin_anew(fd, owner)) || fstat(fd, &st) < 0) {
		log_warn("working without %s: %s", name, strerror(errno));
		close(fd);
		return NULL;
	}
	struct cache_file *file = MEM_NEW(struct cache_file);
	file->fd = fd;
	atomic_init(&file->refs, 1);
	/* Records begin at multiples of eight, whatever was cut off. */
	*out_size = ((uint64_t)st.st_size + 7) & ~(uint64_t)7;
	return file;
}

struct cache_file *
cache_file_hold(struct cache_file *file)
{
	if (file)
		atomic_fetch_add(&file->refs, 1);
	return file;
}

void
cache_file_drop(struct cache_file **file)
{
	if (*file && atomic_fetch_sub(&(*file)->refs, 1) == 1) {
		close((*file)->fd);
		free(*file);
	}
	*file = NULL;
}
