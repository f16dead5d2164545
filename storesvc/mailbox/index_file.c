/*
 * index_file.c - the file posthouse-index: as many bytes as its header tells of
 *
 * The file is its owner's, who may make one of any length: before it is read, its length must be the one that its
 * numbers add up to.
 */
#include "storesvc/mailbox/inside.h"

#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "storesvc/mailbox/index_format.h"

static bool
add_records(size_t *bytes, uint64_t count, size_t size)
{
	size_t more;

	return size_mul(count, size, &more) && size_add(*bytes, more, bytes);
}

/* The length of the whole file; false: no such file can be. */
static bool
add_up(const struct index_header *h, size_t *out)
{
	*out = sizeof(*h) + sizeof(uint64_t);
	return h->magic == INDEX_MAGIC && h->version == INDEX_VERSION &&
	    h->names_size <= (uint64_t)h->messages * MESSAGE_NAME_MAX && h->vanished <= VANISHED_MOST &&
	    add_records(out, h->flagsets, sizeof(struct index_flagset)) &&
	    add_records(out, h->flagset_highs + (uint64_t)(h->flagset_highs & 1), sizeof(uint32_t)) &&
	    add_records(out, h->vanished, sizeof(struct vanished)) &&
	    add_records(out, h->messages, sizeof(struct index_message)) && add_records(out, h->names_size, 1);
}

struct status
index_read(int dir, struct buf *out)
{
	struct index_header h;
	struct stat info;
	size_t size;
	int fd;
	struct status st = io_open_file(dir, INDEX_FILE, IO_READ, &fd, &info);

	if (!status_ok(st))
		return st;
	bool fits = pread(fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) && add_up(&h, &size) && info.st_size == (off_t)size;
	close(fd);
	return fits ? io_read_file(dir, INDEX_FILE, size, out) : status_make(STATUS_CORRUPT, "The index is damaged");
}
