/*
 * folders.c - which mailboxes an account has
 */
#include "storesvc/account/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/boxes.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/remove_tree.h"
#include "storesvc/mailbox/identity.h"
#include "storesvc/maildir/name.h"
#include "storesvc/maildir/path.h"
#include "storesvc/store.h"

struct list {
	struct folder *items;
	size_t count, room;
};

static void
add(struct list *list, struct span name, const char *directory)
{
	MEM_GROW(list->items, list->count, &list->room);
	list->items[list->count++] = (struct folder){ name, directory };
}

static bool
is_directory(int dir, const struct dirent *entry)
{
	struct stat info;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

static int
by_name(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;

	return span_cmp(x->name, y->name);
}

/* Two directories may stand for one name; the one new folders would get is it. */
static size_t
without_doubles(struct arena *a, struct folder *items, size_t count)
{
	size_t kept = 0;
	const char *usual;

	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || !span_eq(items[kept - 1].name, items[i].name))
			items[kept++] = items[i];
		else if (status_ok(path_of_name(a, items[i].name, &usual)) && strcmp(usual, items[i].directory) == 0)
			items[kept - 1] = items[i];
	}
	return kept;
}

struct status
folders_list(struct account *account, struct arena *a, struct folder **out, size_t *out_count)
{
	struct list list = { 0 };
	struct dirent *entry;
	struct span name;

	int fd = io_open_dir(account_dir(account), ".");
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		struct status st = io_status(errno, "read", "a Maildir");
		if (fd >= 0)
			close(fd);
		return st;
	}
	add(&list, SPAN_LIT("INBOX"), ".");
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == '.' && is_directory(fd, entry) &&
		    path_to_name(a, span_str(entry->d_name), &name))
			add(&list, name, arena_strdup(a, entry->d_name));
	}
	closedir(stream);
	qsort(list.items, list.count, sizeof(*list.items), by_name);
	*out = ARENA_ARRAY(a, list.count, struct folder);
	memcpy(*out, list.items, list.count * sizeof(*list.items));
	*out_count = without_doubles(a, *out, list.count);
	free(list.items);
	return STATUS_FINE;
}

/* The directory a mailbox has; NOT_FOUND. */
static struct status
find_directory(struct account *account, struct arena *a, struct span name, const char **out)
{
	const char *names[PATH_CANDIDATES];
	struct stat info;
	size_t count;
	struct status st = path_candidates(a, name, names, &count);

	for (size_t i = 0; status_ok(st) && i < count; i++) {
		if (fstatat(account_dir(account), names[i], &info, AT_SYMLINK_NOFOLLOW) == 0) {
			*out = names[i];
			return st;
		}
	}
	return status_ok(st) ? status_make(STATUS_NOT_FOUND, "Mailbox does not exist") : st;
}

static bool
make_file(int dir, const char *name)
{
	int fd;

	if (!status_ok(io_create_file(dir, name, 0600, &fd)))
		return false;
	close(fd);
	return true;
}

/* A whole folder, made aside so that nobody ever sees half of one. */
static struct status
furnish(int dir, struct identity *identity)
{
	if (mkdirat(dir, "cur", 0700) < 0 || mkdirat(dir, "new", 0700) < 0 || mkdirat(dir, "tmp", 0700) < 0 ||
	    !make_file(dir, "maildirfolder"))
		return io_status(errno, "furnish", "a new folder");
	return identity_write(dir, identity);
}

static struct status
put_up(struct account *account, const char *aside, const char *directory)
{
	int top = account_dir(account);

	fence_check();
	if (renameat2(top, aside, top, directory, RENAME_NOREPLACE) < 0)
		return errno == EEXIST ? status_make(STATUS_EXISTS, "Mailbox exists already") :
		    io_status(errno, "create", directory);
	return io_sync_dir(top, "a Maildir");
}

static struct status
make_folder(struct account *account, const char *directory, struct identity *identity)
{
	char unique[MAILDIR_UNIQUE_MAX], aside[MAILDIR_UNIQUE_MAX + 16];
	int top = account_dir(account);

	maildir_name_unique(unique, "");
	snprintf(aside, sizeof(aside), "tmp/%s.folder", unique);
	(void)mkdirat(top, "tmp", 0700);
	fence_check();
	if (mkdirat(top, aside, 0700) < 0)
		return io_status(errno, "create", aside);
	int dir = io_open_dir(top, aside);
	struct status st = dir < 0 ? io_status(errno, "open", aside) : furnish(dir, identity);
	if (dir >= 0)
		close(dir);
	if (status_ok(st))
		st = put_up(account, aside, directory);
	if (!status_ok(st))
		remove_tree(top, aside);
	return st;
}

/* Is what is there what this very call has made before its answer was lost? */
static struct status
already_there(struct account *account, struct arena *a, const char *directory, const char *request,
    const char **out_id)
{
	struct identity identity;
	int dir = io_open_dir(account_dir(account), directory);
	bool ours = false;

	if (dir >= 0 && request[0] && status_ok(identity_read(dir, &identity))) {
		ours = strcmp(identity.created_by, request) == 0;
		*out_id = arena_strdup(a, identity.id);
		identity_release(&identity);
	}
	if (dir >= 0)
		close(dir);
	return ours ? STATUS_FINE : status_make(STATUS_EXISTS, "Mailbox exists already");
}

struct status
folders_create(struct account *account, struct span name, const char *special_use,
    const char *request, const char **out_id, struct arena *a)
{
	struct identity identity;
	const char *directory;
	uint32_t uidvalidity;

	if (span_eq(name, SPAN_LIT("INBOX")))
		return status_make(STATUS_EXISTS, "INBOX exists always");
	pthread_rwlock_wrlock(account_tree_lock(account));
	struct status st = find_directory(account, a, name, &directory);
	if (status_ok(st)) {
		st = already_there(account, a, directory, request, out_id);
	} else if (st.code == STATUS_NOT_FOUND) {
		st = path_of_name(a, name, &directory);
		if (status_ok(st))
			st = account_new_uidvalidity(account, 0, &uidvalidity);
		if (status_ok(st)) {
			identity_make(&identity, uidvalidity);
			identity.clean = true;
			snprintf(identity.special_use, sizeof(identity.special_use), "%s", special_use);
			snprintf(identity.created_by, sizeof(identity.created_by), "%s", request);
			*out_id = arena_strdup(a, identity.id);
			st = make_folder(account, directory, &identity);
		}
	}
	pthread_rwlock_unlock(account_tree_lock(account));
	return st;
}

/* Out of sight with one rename; `aside` is where it is now, to be removed when nobody waits any more. */
static struct status
take_down(struct account *account, const char *directory, char *aside, size_t room)
{
	char unique[MAILDIR_UNIQUE_MAX];
	int top = account_dir(account);

	maildir_name_unique(unique, "");
	snprintf(aside, room, "tmp/%s.deleted", unique);
	(void)mkdirat(top, "tmp", 0700);
	fence_check();
	if (renameat(top, directory, top, aside) < 0) {
		aside[0] = '\0';
		return io_status(errno, "delete", directory);
	}
	return io_sync_dir(top, "a Maildir");
}

struct status
folders_delete(struct account *account, struct span name, bool retry)
{
	char aside[MAILDIR_UNIQUE_MAX + 16] = "";
	struct folder_place place;
	struct arena scratch;
	const char *directory;
	int dir;

	if (span_eq(name, SPAN_LIT("INBOX")))
		return status_make(STATUS_DENIED, "INBOX cannot be deleted");
	arena_init(&scratch, 0);
	pthread_rwlock_wrlock(account_tree_lock(account));
	struct status st = find_directory(account, &scratch, name, &directory);
	if (status_ok(st)) {
		bool known = status_ok(folders_open_place(account, name, &dir, &place));
		st = take_down(account, directory, aside, sizeof(aside));
		if (known) {
			if (status_ok(st))
				boxes_deleted(account_store(account)->boxes, &place.dir);
			close(dir);
		}
	} else if (st.code == STATUS_NOT_FOUND && retry) {
		st = STATUS_FINE;
	}
	pthread_rwlock_unlock(account_tree_lock(account));
	if (aside[0])
		remove_tree(account_dir(account), aside);
	arena_release(&scratch);
	return st;
}

static bool
is_below(struct span name, struct span parent)
{
	return name.len > parent.len && span_starts(name, parent) && name.at[parent.len] == '/';
}

static struct span
renamed(struct arena *a, struct span name, struct span from, struct span to)
{
	struct span rest = span_skip(name, from.len);

	return span_str(arena_printf(a, "%.*s%.*s", (int)to.len, to.at, (int)rest.len, rest.at));
}

static bool
moves(const struct folder *folder, struct span from)
{
	return span_eq(folder->name, from) || is_below(folder->name, from);
}

/* All that would move may do so: nothing is half renamed because a name is taken or too long. */
static struct status
check_targets(struct account *account, struct arena *a, const struct folder *all, size_t count,
    struct span from, struct span to)
{
	const char *directory;

	for (size_t i = 0; i < count; i++) {
		if (!moves(&all[i], from))
			continue;
		struct span target = renamed(a, all[i].name, from, to);
		struct status st = path_of_name(a, target, &directory);
		if (!status_ok(st))
			return st;
		if (status_ok(find_directory(account, a, target, &directory)))
			return status_make(STATUS_EXISTS, "Mailbox exists already");
	}
	return STATUS_FINE;
}

/* An open mailbox goes on; only what it is called in the log and looked up by is new. */
static void
tell_renamed(struct account *account, struct span name)
{
	struct folder_place place;
	int dir;

	if (!status_ok(folders_open_place(account, name, &dir, &place)))
		return;
	boxes_renamed(account_store(account)->boxes, account, &place.dir, name);
	close(dir);
}

static struct status
rename_all(struct account *account, struct arena *a, const struct folder *all, size_t count,
    struct span from, struct span to)
{
	int top = account_dir(account);
	const char *directory;

	for (size_t i = 0; i < count; i++) {
		if (!moves(&all[i], from))
			continue;
		struct span target = renamed(a, all[i].name, from, to);
		struct status st = path_of_name(a, target, &directory);
		if (!status_ok(st))
			return st;
		fence_check();
		if (renameat2(top, all[i].directory, top, directory, RENAME_NOREPLACE) < 0)
			return io_status(errno, "rename", all[i].directory);
		tell_renamed(account, target);
	}
	return io_sync_dir(top, "a Maildir");
}

/* Tree lock held. */
static struct status
rename_locked(struct account *account, struct arena *a, struct span from, struct span to, bool retry)
{
	struct folder *all;
	const char *directory;
	size_t count = 0, moving = 0;

	struct status st = folders_list(account, a, &all, &count);
	if (!status_ok(st))
		return st;
	bool taken = status_ok(find_directory(account, a, to, &directory));
	for (size_t i = 0; i < count; i++)
		moving += moves(&all[i], from);
	/* A first attempt may have got to the end, or only so far. */
	if (moving == 0)
		return taken && retry ? STATUS_FINE : status_make(STATUS_NOT_FOUND, "Mailbox does not exist");
	if (taken && !retry)
		return status_make(STATUS_EXISTS, "Mailbox exists already");
	st = check_targets(account, a, all, count, from, to);
	return status_ok(st) ? rename_all(account, a, all, count, from, to) : st;
}

struct status
folders_rename(struct account *account, struct span from, struct span to, bool retry)
{
	struct arena scratch;

	if (is_below(to, from))
		return status_make(STATUS_INVALID, "A mailbox cannot be moved into itself");
	if (span_eq(to, SPAN_LIT("INBOX")))
		return status_make(STATUS_EXISTS, "Mailbox exists already");
	arena_init(&scratch, 0);
	pthread_rwlock_wrlock(account_tree_lock(account));
	struct status st = rename_locked(account, &scratch, from, to, retry);
	pthread_rwlock_unlock(account_tree_lock(account));
	arena_release(&scratch);
	return st;
}

const char *
folders_use_by_name(struct span name)
{
	static const struct { const char *name, *use; } known[] = {
		{ "Sent", "\\Sent" }, { "Drafts", "\\Drafts" }, { "Trash", "\\Trash" },
		{ "Junk", "\\Junk" }, { "Archive", "\\Archive" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (span_eq_nocase(name, span_str(known[i].name)))
			return known[i].use;
	}
	return "";
}

const char *
folders_special_use(struct account *account, struct arena *a, const struct folder *folder)
{
	struct identity identity;
	const char *use = folders_use_by_name(folder->name);

	int dir = io_open_dir(account_dir(account), folder->directory);
	if (dir < 0)
		return use;
	if (status_ok(identity_read(dir, &identity))) {
		if (identity.special_use[0])
			use = strcmp(identity.special_use, "-") == 0 ? "" : arena_strdup(a, identity.special_use);
		identity_release(&identity);
	}
	close(dir);
	return use;
}
