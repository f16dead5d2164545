/*
 * spool.c - a message on its way into a folder
 */
#include "storesvc/maildir/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/line_ends.h"
#include "mail/message_scan.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/name.h"

#define PIECE 262144

/* Piece by piece with LF line ends; the pieces are also collected in `keep`, up to its limit. */
static bool
write_with_lf(int fd, struct span literal, struct buf *keep)
{
	struct crlf_to_lf converter = { 0 };
	char *out = mem_alloc(PIECE + 1);
	bool well = true;

	while (well && literal.len) {
		struct span piece = span_head(literal, PIECE);
		size_t n = crlf_to_lf(&converter, piece, out);
		well = io_write_all(fd, span_of(out, n));
		buf_add(keep, out, n);
		literal = span_skip(literal, piece.len);
	}
	if (well) {
		size_t n = crlf_to_lf_finish(&converter, out);
		well = io_write_all(fd, span_of(out, n));
		buf_add(keep, out, n);
	}
	free(out);
	return well;
}

static bool
write_message(struct spool *s, int fd, struct span literal, int64_t received, bool sync)
{
	struct timespec times[2] = { { .tv_sec = received }, { .tv_sec = received } };

	if (s->raw)
		buf_add(&s->bytes, literal.at, literal.len);
	if (!(s->raw ? io_write_all(fd, literal) : write_with_lf(fd, literal, &s->bytes)))
		return false;
	return futimens(fd, times) == 0 && (!sync || fsync(fd) == 0);
}

struct status
spool_write(int dir, struct span literal, int64_t received, bool sync, size_t keep_below, struct spool *out)
{
	char unique[MAILDIR_UNIQUE_MAX];
	struct message_scan scan;
	struct status st = STATUS_FINE;

	message_scan_init(&scan);
	message_scan_feed(&scan, literal);
	*out = (struct spool){ .dir = dir, .raw = !message_scan_clean(&scan), .vsize = scan.bytes };
	out->size = out->raw ? scan.bytes : scan.bytes - scan.crlf;
	/* Without any line end both forms are the same, and served the same. */
	out->raw = out->raw || out->size == out->vsize;
	buf_init(&out->bytes, keep_below ? keep_below : 1);
	maildir_name_unique(unique, "");
	snprintf(out->file, sizeof(out->file), "tmp/%s", unique);
	fence_check();
	int fd = openat(dir, out->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return io_status(errno, "create", out->file);
	if (!write_message(out, fd, literal, received, sync))
		st = io_status(errno, "write", out->file);
	close(fd);
	return st;
}

void
spool_release(struct spool *s)
{
	if (s->file[0]) {
		fence_check();
		unlinkat(s->dir, s->file, 0);
	}
	s->file[0] = '\0';
	buf_release(&s->bytes);
}

/* False: not an id a caller of ours would choose. */
static bool
upload_path(struct span id, char out[128])
{
	if (id.len < 8 || id.len > 80)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = ascii_lower(id.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z') && c != '-')
			return false;
	}
	snprintf(out, 128, "tmp/upload-%.*s", (int)id.len, id.at);
	return true;
}

static bool
write_at(int fd, struct span piece, uint64_t offset)
{
	while (piece.len) {
		ssize_t n = pwrite(fd, piece.at, piece.len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		piece = span_skip(piece, (size_t)n);
		offset += (uint64_t)n;
	}
	return true;
}

/* Not synced: until the message is whole, losing it loses nothing that was promised. */
struct status
upload_write(int account_dir, struct span id, uint64_t offset, struct span piece, uint64_t *out_end)
{
	char path[128];
	struct stat info;
	struct status st = STATUS_FINE;

	if (!upload_path(id, path) || offset > INT64_MAX - piece.len)
		return status_make(STATUS_INVALID, "Malformed upload");
	fence_check();
	(void)mkdirat(account_dir, "tmp", 0700);
	int fd = openat(account_dir, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return io_status(errno, "open", path);
	if (fstat(fd, &info) < 0)
		st = io_status(errno, "stat", path);
	else if ((uint64_t)info.st_size < offset)
		st = status_make(STATUS_INVALID, "A piece of the upload is missing");
	else if (!write_at(fd, piece, offset))
		st = io_status(errno, "write", path);
	close(fd);
	if (status_ok(st))
		*out_end = offset + piece.len > (uint64_t)info.st_size ? offset + piece.len : (uint64_t)info.st_size;
	return st;
}

struct status
upload_map(int account_dir, struct span id, struct span *out)
{
	char path[128];
	struct stat info;
	struct status st = STATUS_FINE;

	if (!upload_path(id, path))
		return status_make(STATUS_INVALID, "Malformed upload");
	int fd = openat(account_dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return io_status(errno, "open", path);
	void *at = MAP_FAILED;
	if (fstat(fd, &info) == 0 && info.st_size > 0)
		at = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		st = io_status(errno, "map", path);
	else
		*out = span_of(at, (size_t)info.st_size);
	close(fd);
	return st;
}

void
upload_unmap(struct span mapped)
{
	if (mapped.len)
		munmap((void *)mapped.at, mapped.len);
}

void
upload_remove(int account_dir, struct span id)
{
	char path[128];

	if (upload_path(id, path)) {
		fence_check();
		unlinkat(account_dir, path, 0);
	}
}
