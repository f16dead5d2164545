/*
 * io - files, whole
 *
 * Errors are logged here with errno and the path; the status says only what a
 * caller can act on: NOT_FOUND, EXHAUSTED (no space, quota), DENIED, CORRUPT
 * (something else than a file has that name), INTERNAL (the storage has failed: trying again at once
 * changes nothing), UNAVAILABLE (descriptors or memory are short: it may).
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

/* All of `bytes`, however many write(2)s it takes. errno is set on failure. */
MUST_USE bool io_write_all(int fd, struct span bytes);

/* The same to a socket that may be slow; false when it has not taken them by the deadline (clock_mono_ms). */
MUST_USE bool io_send_all(int fd, struct span bytes, int64_t deadline);
/* Is there something to be read, or room to write (POLLIN, POLLOUT), before the deadline? */
MUST_USE bool io_wait(int fd, short events, int64_t deadline);

/*
 * A file's bytes, at most `limit`, appended to `out`. `dir` may be AT_FDCWD. Opened as io_open.h promises. CORRUPT: no
 * regular file, a longer one, or one with holes of 4 KiB and more in it, which no text and no table of ours has;
 * what was read before a hole is in `out`.
 */
MUST_USE struct status io_read_file(int dir, const char *name, size_t limit, struct buf *out);
/* The same for what an operator names in a setting, which may well be a symlink. */
MUST_USE struct status io_read_path(const char *path, size_t limit, struct buf *out);

/*
 * Write beside, fsync, rename over `name`, fsync the directory: afterwards the
 * file holds all of `bytes`, or what it held before. `mode` as for open(2).
 */
MUST_USE struct status io_replace_file(int dir, const char *name, struct span bytes, mode_t mode);

/* The same for a file that may be somebody else's: it keeps owner, group and mode. `mode` is for a new one. */
MUST_USE struct status io_rewrite_file(int dir, const char *name, struct span bytes, mode_t mode);

/*
 * Is there anything of that name below `dir`? Symbolic links are not followed. Asked as the thread's file system
 * user (setfsuid), which access(2) does not do. UNKNOWN: permissions or a fault of the storage hide the answer,
 * which is never a reason to take a file for gone.
 */
enum io_presence { IO_THERE, IO_GONE, IO_UNKNOWN };
MUST_USE enum io_presence io_presence(int dir, const char *name);

/* fsync of an open directory. */
MUST_USE struct status io_sync_dir(int dir, const char *what);

/* errno as a status; `what` names the thing in the log. */
struct status io_status(int error, const char *doing, const char *what);

#endif
