/*
 * maildir_shared.c - which sharable Maildirs of others somebody sees: the file shared-maildirs
 */
#include "tools/maildir/maildir_shared.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/io.h"

#define FILE_NAME "shared-maildirs"
#define LARGEST_FILE (1 << 20)

/* A name is a directory's and ends at a blank. */
static bool
is_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == '/' || name.at[i] == '.')
			return false;
	return name.len > 0;
}

static bool
is_line_of(struct span line, struct span name)
{
	struct span rest = span_skip(line, name.len);

	return span_starts(line, name) && rest.len && (rest.at[0] == '\t' || rest.at[0] == ' ');
}

/* All lines but that of `name`, then `added`, if any. *out_met tells whether there was one. */
static struct status
rewrite(const char *maildir, struct span name, struct span added, bool *out_met)
{
	int dir = open(maildir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct buf text, out;

	*out_met = false;
	if (dir < 0)
		return status_make(STATUS_UNAVAILABLE, strerror(errno));
	buf_init(&text, 0);
	buf_init(&out, 0);
	struct status st = io_read_file(dir, FILE_NAME, LARGEST_FILE, &text);
	if (st.code == STATUS_NOT_FOUND)
		st = STATUS_FINE;
	for (struct span rest = buf_view(&text); rest.at && rest.len;) {
		struct span line = span_cut(&rest, '\n');
		if (is_line_of(line, name)) {
			*out_met = true;
			continue;
		}
		buf_span(&out, line);
		buf_char(&out, '\n');
	}
	buf_span(&out, added);
	if (status_ok(st) && (*out_met || added.len))
		st = io_rewrite_file(dir, FILE_NAME, buf_view(&out), 0644);
	buf_release(&text);
	buf_release(&out);
	close(dir);
	return st;
}

struct status
maildir_shared_add(const char *maildir, struct span name, const char *target)
{
	char absolute[PATH_MAX];
	struct status st;
	struct arena a;
	bool met;

	if (!is_name(name))
		return status_make(STATUS_INVALID, "no Maildir can be called so");
	if (!realpath(target, absolute))
		return status_make(STATUS_NOT_FOUND, strerror(errno));
	arena_init(&a, 0);
	if (access(arena_printf(&a, "%s/cur", absolute), F_OK) < 0)
		st = status_make(STATUS_NOT_FOUND, "that is not a Maildir");
	else
		st = rewrite(maildir, name, span_str(arena_printf(&a, "%.*s\t%s\n", (int)name.len, name.at, absolute)), &met);
	arena_release(&a);
	return st;
}

static int
remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
	(void)info, (void)kind, (void)at;
	return remove(path);
}

struct status
maildir_shared_remove(const char *maildir, struct span name)
{
	struct arena a;
	bool met;

	if (!is_name(name))
		return status_make(STATUS_INVALID, "no Maildir can be called so");
	struct status st = rewrite(maildir, name, SPAN_LIT(""), &met);
	if (!status_ok(st))
		return st;
	arena_init(&a, 0);
	int failed = nftw(arena_printf(&a, "%s/shared-folders/%.*s", maildir, (int)name.len, name.at), remove_one, 16,
	    FTW_DEPTH | FTW_PHYS);
	int error = failed ? errno : 0;
	arena_release(&a);
	if (error && error != ENOENT && error != ENOTDIR)
		return status_make(STATUS_UNAVAILABLE, strerror(error));
	return met ? STATUS_FINE : status_make(STATUS_NOT_FOUND, "there is no such Maildir to take away");
}
