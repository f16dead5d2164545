/*
 * home.c - the way from a ticket to the descriptor of a Maildir
 */
#include "storesvc/account/home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"

#define PATH_MAX_BYTES 1024

static bool
add_path(struct buf *out, struct span path)
{
	while (path.at) {
		struct span part = span_cut(&path, '/');
		if (part.len == 0 || span_eq(part, SPAN_LIT(".")))
			continue;
		if (span_eq(part, SPAN_LIT("..")) || memchr(part.at, '\0', part.len))
			return false;
		buf_char(out, '/');
		buf_span(out, part);
	}
	return !out->full;
}

struct status
home_path(struct arena *a, struct span home, struct span maildir, const char **out)
{
	struct status st = STATUS_FINE;
	struct buf path;

	buf_init(&path, PATH_MAX_BYTES);
	if (!span_starts(maildir, SPAN_LIT("/")) &&
	    (!span_starts(home, SPAN_LIT("/")) || !add_path(&path, home)))
		st = status_make(STATUS_INVALID, "The account's home is not a path");
	else if (!add_path(&path, maildir.len ? maildir : SPAN_LIT("Maildir")))
		st = status_make(STATUS_INVALID, "The account's mail directory is not a path");
	else
		*out = arena_strndup(a, path.at, path.len);
	buf_release(&path);
	return st;
}

/* What follows `root` in `path`; at == NULL: it does not lie below. */
static struct span
below(struct span path, struct span root)
{
	while (root.len && root.at[root.len - 1] == '/')
		root.len--;
	if (!root.len || !span_starts(path, root) || path.len <= root.len || path.at[root.len] != '/')
		return (struct span){ 0 };
	return span_skip(path, root.len + 1);
}

/*
 * One step down; the directory is made when it is not there. Closes `dir`. Only the last
 * one is opened for reading: those above need not allow that to everybody.
 */
static int
step(int dir, struct span part, bool last, enum home_missing missing)
{
	char name[NAME_MAX + 1];
	int flags = (last ? O_RDONLY : O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int next = -1;

	if (part.len > NAME_MAX) {
		errno = ENAMETOOLONG;
	} else {
		memcpy(name, part.at, part.len);
		name[part.len] = '\0';
		next = openat(dir, name, flags);
		if (next < 0 && errno == ENOENT && missing == HOME_MAKE && (mkdirat(dir, name, 0700) == 0 || errno == EEXIST))
			next = openat(dir, name, flags);
	}
	int error = errno;
	close(dir);
	errno = error;
	return next;
}

static struct status
walk(struct span root, struct span rest, const char *who, enum home_missing missing, int *out_dir)
{
	char path[PATH_MAX_BYTES + 1];
	const struct span whole = rest;

	if (root.len > PATH_MAX_BYTES)
		return status_make(STATUS_INVALID, "Path too long");
	snprintf(path, sizeof(path), "%.*s", (int)root.len, root.at);
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (dir >= 0 && rest.at) {
		struct span part = span_cut(&rest, '/');
		dir = step(dir, part, !rest.at, missing);
	}
	if (dir < 0) {
		int error = errno;
		if (error == ENOENT && missing == HOME_LOOK)
			return status_make(STATUS_NOT_FOUND, "The account's mail directory is not there");
		log_error("%s: cannot open the mail directory %s/%.*s: %s", who, path, (int)whole.len, whole.at,
		    strerror(error));
		return status_make(error == EACCES || error == EPERM || error == ELOOP || error == ENOTDIR ?
		    STATUS_DENIED : STATUS_UNAVAILABLE, "The account's mail directory cannot be opened");
	}
	*out_dir = dir;
	return STATUS_FINE;
}

struct status
home_open(const char *path, const struct home_roots *roots, enum home_missing missing, int *out_dir)
{
	struct span rest = below(span_str(path), span_str(roots->root));
	struct span more = span_str(roots->more);

	if (rest.at)
		return walk(span_str(roots->root), rest, roots->who, missing, out_dir);
	while (more.at) {
		struct span other = span_trim(span_cut(&more, ','));
		rest = below(span_str(path), other);
		if (rest.at)
			return walk(other, rest, roots->who, missing, out_dir);
	}
	log_error("%s: %s lies neither below %s nor in SYSTEM_HOMES", roots->who, path, roots->root);
	return status_make(STATUS_DENIED, "The account's mail directory is not in this store");
}
