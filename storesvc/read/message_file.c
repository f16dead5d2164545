/*
 * message_file.c - a message's file, open for reading
 */
#include "storesvc/read/message_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"

#define RENAMED_OFTEN 100	/* nobody changes flags so quickly */

static int64_t
nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
learn_from_stat(struct message_view *v, const struct stat *st)
{
	uint64_t size = (uint64_t)st->st_size;

	if (!v->size_known || v->size != size) {
		if (v->size_known)
			log_warn("message %u has %llu bytes, its name says %llu", v->uid,
			    (unsigned long long)size, (unsigned long long)v->size);
		v->vsize_known = v->vsize_known && !v->size_known && v->vsize >= size;
		v->size = size;
		v->size_known = true;
		v->learnt = true;
	}
	if (v->received == RECEIVED_UNKNOWN) {
		v->received = st->st_mtim.tv_sec;
		v->learnt = true;
	}
}

struct status
message_file_open(struct mailbox *box, struct message_view *v, struct message_file *out)
{
	struct stat st;
	int fd;
	struct status status = mailbox_open_message(box, v->uid, NULL, &fd, &st);

	if (!status_ok(status))
		return status;
	learn_from_stat(v, &st);
	*out = (struct message_file){
		.fd = fd,
		.raw = v->vsize_known && v->vsize == v->size,
		.size = v->size,
		.device = st.st_dev,
		.inode = st.st_ino,
		.changed_ns = nanoseconds(st.st_ctim),
	};
	return STATUS_FINE;
}

void
message_file_close(struct message_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

struct status
message_file_read(const struct message_file *file, uint64_t at, uint64_t len, struct buf *out)
{
	buf_reset(out);
	if (at >= file->size)
		return STATUS_FINE;
	if (len > file->size - at)
		len = file->size - at;
	char *to = buf_reserve(out, (size_t)len);
	if (!to)
		return status_make(STATUS_EXHAUSTED, "Message too large");
	while (out->len < len) {
		ssize_t n = pread(file->fd, to + out->len, (size_t)len - out->len, (off_t)(at + out->len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_status(errno, "reading", "a message");
		if (n == 0)
			break;	/* cut short meanwhile: what there is */
		buf_commit(out, (size_t)n);
	}
	return STATUS_FINE;
}

struct status
message_received(struct mailbox *box, struct message_view *v)
{
	char name[MESSAGE_FILE_MAX];
	struct stat st;

	if (v->received != RECEIVED_UNKNOWN)
		return STATUS_FINE;
	for (int tries = 0; tries < RENAMED_OFTEN; tries++) {
		mailbox_lock_read(box);
		struct message *m = mailbox_find(box, v->uid);
		if (m)
			mailbox_file_name(box, m, name);
		mailbox_unlock(box);
		if (!m)
			return status_make(STATUS_NOT_FOUND, "Message is gone");
		if (fstatat(mailbox_cur(box), name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			learn_from_stat(v, &st);
			return STATUS_FINE;
		}
		if (errno != ENOENT)
			return io_status(errno, "looking at", name);
	}
	return status_make(STATUS_NOT_FOUND, "Message is gone");
}
