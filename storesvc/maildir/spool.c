/*
 * spool.c - a message on its way into a folder
 */
#include "storesvc/maildir/spool.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "mail/line_ends.h"
#include "mail/message_scan.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/name.h"

#define PIECE ((size_t)262144)

/* A literal piece by piece, so that all that is read of an upload is read(2): its owner may cut the file meanwhile. */
struct reading {
	const struct literal *literal;
	uint64_t at;
	char *room;			/* for a piece of a file */
	struct message_scan scan;	/* of what was read so far */
};

static void
reading_begin(struct reading *r, const struct literal *literal)
{
	*r = (struct reading){ .literal = literal };
	message_scan_init(&r->scan);
}

static void
reading_end(struct reading *r)
{
	free(r->room);
	r->room = NULL;
}

/* As much of the file as was there when it was opened. */
static struct status
read_file_piece(struct reading *r, size_t want, struct span *out)
{
	size_t got = 0;

	if (!r->room)
		r->room = mem_alloc(PIECE);
	while (got < want) {
		ssize_t n = pread(r->literal->fd, r->room + got, want - got, (off_t)(r->at + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_status(errno, "read", "an upload");
		if (n == 0)
			return status_make(STATUS_INVALID, "The upload was cut short");
		got += (size_t)n;
	}
	*out = span_of(r->room, got);
	return STATUS_FINE;
}

/* The next piece; empty at the end. */
static struct status
read_piece(struct reading *r, struct span *out)
{
	const struct literal *l = r->literal;
	uint64_t left = l->size - r->at;
	size_t want = left < PIECE ? (size_t)left : PIECE;
	struct status st = STATUS_FINE;

	if (l->fd < 0)
		*out = span_head(span_skip(l->bytes, (size_t)r->at), want);
	else
		st = read_file_piece(r, want, out);
	if (status_ok(st)) {
		r->at += out->len;
		message_scan_feed(&r->scan, *out);
	}
	return st;
}

static struct status
scan_literal(const struct literal *literal, struct message_scan *out)
{
	struct reading r;
	struct span piece = SPAN_LIT("-");
	struct status st = STATUS_FINE;

	reading_begin(&r, literal);
	while (status_ok(st) && piece.len)
		st = read_piece(&r, &piece);
	*out = r.scan;
	reading_end(&r);
	return st;
}

static bool
write_out(struct spool *s, int fd, struct span bytes)
{
	buf_span(&s->bytes, bytes);
	return io_write_all(fd, bytes);
}

/* One piece, with LF line ends unless the message is kept as it came. */
static bool
write_piece(struct spool *s, int fd, struct span piece, struct crlf_to_lf *converter, char *room)
{
	if (s->raw)
		return write_out(s, fd, piece);
	size_t n = piece.len ? crlf_to_lf(converter, piece, room) : crlf_to_lf_finish(converter, room);
	return write_out(s, fd, span_of(room, n));
}

/* The pieces are also collected in `bytes`, up to its limit. `scan`: what was seen of the literal before. */
static struct status
write_pieces(struct spool *s, int fd, const struct literal *literal, const struct message_scan *scan)
{
	struct crlf_to_lf converter = { 0 };
	struct reading r;
	struct span piece = SPAN_LIT("-");
	struct status st = STATUS_FINE;
	char *room = mem_alloc(PIECE + 1);

	reading_begin(&r, literal);
	while (status_ok(st) && piece.len) {
		st = read_piece(&r, &piece);
		if (status_ok(st) && !write_piece(s, fd, piece, &converter, room))
			st = io_status(errno, "write", s->file);
	}
	/* The sizes that its name will tell are those of the first reading. */
	if (status_ok(st) && (r.scan.lf != scan->lf || r.scan.crlf != scan->crlf || r.scan.cr != scan->cr))
		st = status_make(STATUS_INVALID, "The upload changed while it was read");
	reading_end(&r);
	free(room);
	return st;
}

static struct status
write_message(struct spool *s, int fd, const struct literal *literal, const struct message_scan *scan, int64_t received,
    bool sync)
{
	struct timespec times[2] = { { .tv_sec = received }, { .tv_sec = received } };
	struct status st = write_pieces(s, fd, literal, scan);

	if (status_ok(st) && (futimens(fd, times) < 0 || (sync && fsync(fd) < 0)))
		st = io_status(errno, "write", s->file);
	return st;
}

struct status
spool_write(int dir, const struct literal *literal, int64_t received, bool sync, size_t keep_below, struct spool *out)
{
	char unique[MAILDIR_UNIQUE_MAX];
	struct message_scan scan;
	int fd;
	struct status st = scan_literal(literal, &scan);

	*out = (struct spool){ .dir = dir, .raw = !message_scan_clean(&scan), .vsize = scan.bytes };
	out->size = out->raw ? scan.bytes : scan.bytes - scan.crlf;
	/* Without any line end both forms are the same, and served the same. */
	out->raw = out->raw || out->size == out->vsize;
	buf_init(&out->bytes, keep_below ? keep_below : 1);
	if (!status_ok(st))
		return st;
	maildir_name_unique(unique, "");
	snprintf(out->file, sizeof(out->file), "tmp/%s", unique);
	fence_check();
	st = io_create_file(dir, out->file, 0600, &fd);
	if (!status_ok(st)) {
		out->file[0] = '\0';
		return st;
	}
	st = write_message(out, fd, literal, &scan, received, sync);
	close(fd);
	return st;
}

struct literal
literal_in_memory(struct span bytes)
{
	return (struct literal){ .fd = -1, .bytes = bytes, .size = bytes.len };
}

void
literal_release(struct literal *literal)
{
	if (literal->fd >= 0)
		close(literal->fd);
	*literal = literal_in_memory((struct span){ 0 });
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
	struct status st;
	int fd;

	if (!upload_path(id, path) || offset > INT64_MAX - piece.len)
		return status_make(STATUS_INVALID, "Malformed upload");
	fence_check();
	(void)mkdirat(account_dir, "tmp", 0700);
	st = io_open_file(account_dir, path, IO_UPDATE, &fd, &info);
	if (!status_ok(st))
		return st;
	if ((uint64_t)info.st_size < offset)
		st = status_make(STATUS_INVALID, "A piece of the upload is missing");
	else if (!write_at(fd, piece, offset))
		st = io_status(errno, "write", path);
	close(fd);
	if (status_ok(st))
		*out_end = offset + piece.len > (uint64_t)info.st_size ? offset + piece.len : (uint64_t)info.st_size;
	return st;
}

struct status
upload_open(int account_dir, struct span id, struct literal *out)
{
	char path[128];
	struct stat info;
	int fd;

	if (!upload_path(id, path))
		return status_make(STATUS_INVALID, "Malformed upload");
	struct status st = io_open_file(account_dir, path, IO_READ, &fd, &info);
	if (status_ok(st))
		*out = (struct literal){ .fd = fd, .size = (uint64_t)info.st_size };
	return st;
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
