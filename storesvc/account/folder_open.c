/*
 * folder_open.c - from a mailbox's name to its directory, and back
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/folders.h"
#include "storesvc/maildir/path.h"

static struct status
refuse(struct account *account, struct span name, int error)
{
	char what[512];

	snprintf(what, sizeof(what), "mailbox %.*s of account %s, below %s", (int)name.len, name.at,
	    account_name(account), account_path(account));
	return io_status(error, "open", what);
}

struct status
folders_open(struct account *account, struct span name, int *out_dir)
{
	const char *names[PATH_CANDIDATES];
	struct arena scratch;
	size_t count;
	int dir = -1, error = ENOENT;

	arena_init(&scratch, 0);
	struct status st = path_candidates(&scratch, name, names, &count);
	for (size_t i = 0; status_ok(st) && i < count && dir < 0 && error == ENOENT; i++) {
		dir = io_open_dir(account_dir(account), names[i]);
		error = errno;
	}
	arena_release(&scratch);
	if (!status_ok(st))
		return st;
	if (dir < 0)
		return error == ENOENT ? status_make(STATUS_NOT_FOUND, "Mailbox does not exist") :
		    refuse(account, name, error);
	*out_dir = dir;
	return st;
}

bool
folder_id_same(const struct folder_id *a, const struct folder_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static bool
look(int dir, const char *name, struct folder_id *out)
{
	struct stat info;

	*out = (struct folder_id){ 0 };
	if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	*out = (struct folder_id){ info.st_dev, info.st_ino };
	return true;
}

struct status
folder_place_of(int dir, struct folder_place *out)
{
	if (look(dir, ".", &out->dir) && look(dir, "cur", &out->cur) && look(dir, "new", &out->new))
		return STATUS_FINE;
	return io_status(errno, "look at", "a folder");
}

struct status
folders_open_place(struct account *account, struct span name, int *out_dir, struct folder_place *out)
{
	int dir;
	struct status st = folders_open(account, name, &dir);

	if (!status_ok(st))
		return st;
	st = folder_place_of(dir, out);
	if (status_ok(st))
		*out_dir = dir;
	else
		close(dir);
	return st;
}

struct status
folders_find(struct account *account, struct arena *a, const struct folder_id *id, struct span *out_name)
{
	struct folder *folders;
	struct folder_id found;
	size_t count;
	struct status st = folders_list(account, a, &folders, &count);

	if (!status_ok(st))
		return st;
	for (size_t i = 0; i < count; i++) {
		if (look(account_dir(account), folders[i].directory, &found) && folder_id_same(&found, id)) {
			*out_name = folders[i].name;
			return st;
		}
	}
	return status_make(STATUS_NOT_FOUND, "Mailbox does not exist");
}
