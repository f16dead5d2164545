/*
 * userdb_source.c - the text that accounts are written in
 */
#include "authsvc/userdb/userdb_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"

#define DEEPEST 16		/* directories within directories */

struct reading {
	struct arena arena;	/* paths and locations */
	struct status (*line)(void *arg, const struct userdb_line *l);
	void *arg;
};

static struct status read_any(struct reading *r, const char *path, const char *location, int depth);

bool
userdb_line_parse(struct span text, struct userdb_line *out)
{
	struct span rest = text;
	struct span name = span_cut(&rest, '\t');

	if (!rest.at || name.len == 0 || name.at[0] == '#')
		return false;
	if (span_ends(rest, SPAN_LIT("\r")))
		rest.len--;
	uint64_t uid;
	bool reverse = name.at[name.len - 1] == '=' &&
	    span_number(span_head(name, name.len - 1), UINT32_MAX, &uid);
	*out = (struct userdb_line){ .name = name, .record = rest, .reverse = reverse };
	return true;
}

static struct status
read_file(struct reading *r, int fd, const char *path, off_t size, const char *location)
{
	struct status st = STATUS_FINE;
	struct userdb_line l;
	struct buf text;

	buf_init(&text, 0);
	for (ssize_t n = 1; n > 0;) {
		char *at = buf_reserve(&text, (size_t)size + 1);
		n = read(fd, at, (size_t)size + 1);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			st = io_status(errno, "read", path);
		else
			buf_commit(&text, (size_t)n);
	}
	for (struct span rest = buf_view(&text); rest.at && status_ok(st);) {
		if (!userdb_line_parse(span_cut(&rest, '\n'), &l))
			continue;
		l.location = span_str(location);
		st = r->line(r->arg, &l);
	}
	buf_release(&text);
	return st;
}

static int
wanted(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static struct status
read_directory(struct reading *r, const char *path, const char *location, int depth)
{
	struct status st = STATUS_FINE;
	struct dirent **entries;
	int count = scandir(path, &entries, wanted, alphasort);

	if (count < 0)
		return io_status(errno, "read directory", path);
	for (int i = 0; i < count && status_ok(st); i++)
		st = read_any(r, arena_printf(&r->arena, "%s/%s", path, entries[i]->d_name),
		    arena_printf(&r->arena, "%s%s/", location, entries[i]->d_name), depth + 1);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return st;
}

static struct status
read_any(struct reading *r, const char *path, const char *location, int depth)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct status st;
	struct stat info;

	if (fd < 0 && errno == ELOOP) {
		log_error("%s is a symbolic link", path);
		return status_make(STATUS_DENIED, "Symbolic links are not followed");
	}
	if (fd < 0)
		return io_status(errno, "open", path);
	if (fstat(fd, &info) < 0) {
		st = io_status(errno, "stat", path);
	} else if (info.st_mode & (S_IRWXG | S_IRWXO)) {
		log_error("%s may be used by group or others (mode %03o): chmod go= it", path,
		    (unsigned)info.st_mode & 0777);
		st = status_make(STATUS_DENIED, "Group or others have permissions");
	} else if (S_ISREG(info.st_mode)) {
		st = read_file(r, fd, path, info.st_size, location);
	} else if (!S_ISDIR(info.st_mode) || depth > DEEPEST) {
		log_error("%s is neither a file nor a directory, or too deep", path);
		st = status_make(STATUS_DENIED, "Neither file nor directory");
	} else {
		st = read_directory(r, path, location, depth);
	}
	close(fd);
	return st;
}

struct status
userdb_source_read(const char *path, struct status (*line)(void *arg, const struct userdb_line *l),
    void *arg)
{
	struct reading r = { .line = line, .arg = arg };

	arena_init(&r.arena, 0);
	struct status st = read_any(&r, path, "", 0);
	arena_release(&r.arena);
	return st;
}
