/*
 * folder_open.c - from a mailbox's name to its directory
 */
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/folders.h"
#include "storesvc/maildir/path.h"

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
		dir = openat(account_dir(account), names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		error = errno;
	}
	arena_release(&scratch);
	if (!status_ok(st))
		return st;
	if (dir < 0)
		return error == ENOENT ? status_make(STATUS_NOT_FOUND, "Mailbox does not exist") :
		    io_status(error, "open", "a folder");
	*out_dir = dir;
	return st;
}
