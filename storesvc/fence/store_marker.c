/*
 * store_marker.c - the file posthouse-store: this directory is a store's, and no empty mount point
 */
#include "storesvc/fence/store_marker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/io_open.h"
#include "base/log.h"
#include "base/panic.h"
#include "storesvc/fence/epoch.h"

#define FIRST_LINE SPAN_LIT("posthouse-store 1")
#define SIZE_MOST 1024
#define DEPTH_MOST 4			/* domain/user/Maildir, and one more */
#define LOOKED_AT_MOST 2000		/* directories: the first Maildir is not far away in a tree of them */

static struct status
refuse(const char *root, const char *why)
{
	log_error("MAILDIR_ROOT %s: %s", root, why);
	return status_make(STATUS_UNAVAILABLE, "The mail directory is not one");
}

/* Does the subtree have a Maildir? `dir` is closed. */
static bool
has_maildir(int take_dir, unsigned depth, unsigned *looked_at)
{
	DIR *stream = fdopendir(take_dir);
	struct dirent *entry;
	bool found = false;

	if (!stream) {
		close(take_dir);
		return false;
	}
	found = io_presence(take_dir, "cur") == IO_THERE && io_presence(take_dir, "new") == IO_THERE;
	while (!found && depth < DEPTH_MOST && *looked_at < LOOKED_AT_MOST && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int next = io_open_dir(take_dir, entry->d_name);
		if (next < 0)
			continue;
		++*looked_at;
		found = has_maildir(next, depth + 1, looked_at);
	}
	closedir(stream);
	return found;
}

/* The marker is not there, or empty. */
static struct status
check_unmarked(const char *root, int dir, bool init)
{
	unsigned looked_at = 0;
	int top;

	if (init || io_presence(dir, STORE_MARKER_FILE) == IO_THERE || io_presence(dir, EPOCH_FILE) == IO_THERE)
		return STATUS_FINE;
	top = io_open_dir(dir, ".");
	if (top >= 0 && has_maildir(top, 0, &looked_at))
		return STATUS_FINE;
	return refuse(root, "no store has been here and there is no mail: is a volume not mounted? "
	    "For a new store set MAILDIR_ROOT_INIT=yes, or make an empty file " STORE_MARKER_FILE " in it");
}

static struct status
check_name(const char *root, struct span text, const char *name)
{
	struct span first = span_cut(&text, '\n'), key = span_cut(&text, '\n');

	if (!span_eq(first, FIRST_LINE) || !span_starts(key, SPAN_LIT("name "))) {
		log_error("%s/%s is damaged", root, STORE_MARKER_FILE);
		return status_make(STATUS_INVALID, "The store's marker is damaged");
	}
	key = span_skip(key, 5);
	if (span_eq(key, span_str(name)))
		return STATUS_FINE;
	log_error("MAILDIR_ROOT %s is that of store %.*s (%s in it says so), and STORE_NAME is %s", root, (int)key.len,
	    key.at, STORE_MARKER_FILE, name);
	return status_make(STATUS_INVALID, "The mail directory is another store's");
}

static struct status
check_directory(const char *root, int dir, const char *name, bool init)
{
	struct buf text;

	buf_init(&text, 0);
	struct status st = io_read_file(dir, STORE_MARKER_FILE, SIZE_MOST, &text);
	if (st.code == STATUS_NOT_FOUND || (status_ok(st) && text.len == 0))
		st = check_unmarked(root, dir, init);
	else if (status_ok(st))
		st = check_name(root, buf_view(&text), name);
	buf_release(&text);
	return st;
}

struct status
store_marker_check(const char *root, const char *name, bool init)
{
	/* System accounts pass through it under their own ids. */
	if (init && mkdir(root, 0711) == 0) {
		log_info("MAILDIR_ROOT %s was not there and has been made", root);
		(void)chmod(root, 0711);
	}
	int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return refuse(root, errno == ENOENT ?
		    "is not there: mount it or make it, or set MAILDIR_ROOT_INIT=yes for a new store" : strerror(errno));
	struct status st = check_directory(root, dir, name, init);
	close(dir);
	return st;
}

struct status
store_marker_write(const char *root, const char *name)
{
	unsigned char random[16];
	char id[2 * sizeof(random) + 1] = "";
	struct stat info;
	struct buf text;
	int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return io_status(errno, "open", root);
	if (fstatat(dir, STORE_MARKER_FILE, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_size > 0) {
		close(dir);
		return STATUS_FINE;
	}
	assert_that(getrandom(random, sizeof(random), 0) == sizeof(random));
	hex_encode(span_of(random, sizeof(random)), id);
	buf_init(&text, 0);
	buf_span(&text, FIRST_LINE);
	buf_printf(&text, "\nname %s\nid %s\n", name, id);
	struct status st = io_replace_file(dir, STORE_MARKER_FILE, buf_view(&text), 0600);
	buf_release(&text);
	close(dir);
	if (status_ok(st))
		log_info("%s is the tree of store %s, id %s", root, name, id);
	return st;
}
