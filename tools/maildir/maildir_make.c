/*
 * maildir_make.c - Maildirs and folders in them, as Courier lays them out
 */
#include "tools/maildir/maildir_make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "tools/maildir/maildir_usage.h"

#define LONGEST_FOLDER 250

bool
maildir_shared_modes(struct span words, struct maildir_modes *out)
{
	bool read = false, write = false, group = false;

	while (words.at) {
		struct span word = span_cut(&words, ',');
		if (span_eq(word, SPAN_LIT("read")))
			read = true;
		else if (span_eq(word, SPAN_LIT("write")))
			write = true;
		else if (span_eq(word, SPAN_LIT("group")))
			group = true;
		else
			return false;
	}
	if (read == write)
		return false;
	/* Sticky: who may write takes only his own messages away. */
	*out = write ? (struct maildir_modes){ 01755, 01777 } : (struct maildir_modes){ 0755, 0755 };
	if (group) {
		out->outside &= ~(mode_t)07;
		out->inside &= ~(mode_t)07;
	}
	return true;
}

static struct status
because(int error)
{
	enum status_code code = error == EEXIST || error == ENOTEMPTY ? STATUS_EXISTS :
	    error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE;

	return status_make(code, strerror(error));
}

/* Whatever the umask is. */
static bool
make_directory(const char *path, mode_t mode)
{
	return mkdir(path, mode) == 0 && chmod(path, mode) == 0;
}

static bool
make_mark(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0 && close(fd) == 0;
}

static const char *const inside[] = { "cur", "new", "tmp" };

static void
remove_all(struct arena *a, const char *aside)
{
	unlink(arena_printf(a, "%s/maildirfolder", aside));
	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		rmdir(arena_printf(a, "%s/%s", aside, inside[i]));
	rmdir(aside);
}

/* `folder`: it gets the mark that says whose quota counts. */
static struct status
make(const char *path, struct maildir_modes modes, bool folder)
{
	struct stat info;
	struct arena a;

	/* An empty directory would be replaced. */
	if (lstat(path, &info) == 0)
		return because(EEXIST);
	arena_init(&a, 0);
	const char *aside = arena_printf(&a, "%s.%d.new", path, (int)getpid());
	bool made = make_directory(aside, 0700);
	for (size_t i = 0; made && i < sizeof(inside) / sizeof(*inside); i++)
		made = make_directory(arena_printf(&a, "%s/%s", aside, inside[i]), modes.inside);
	if (made && folder)
		made = make_mark(arena_printf(&a, "%s/maildirfolder", aside));
	made = made && chmod(aside, modes.outside) == 0 && rename(aside, path) == 0;
	struct status st = made ? STATUS_FINE : because(errno);
	if (!made)
		remove_all(&a, aside);
	arena_release(&a);
	return st;
}

static struct span
without_slashes(const char *path)
{
	struct span s = span_str(path);

	while (s.len > 1 && s.at[s.len - 1] == '/')
		s.len--;
	return s;
}

struct status
maildir_make(const char *path, struct maildir_modes modes)
{
	struct arena a;
	struct span clean = without_slashes(path);

	arena_init(&a, 0);
	struct status st = make(arena_strndup(&a, clean.at, clean.len), modes, false);
	arena_release(&a);
	return st;
}

/* No empty level, nothing that leads elsewhere. */
bool
maildir_folder_valid(struct span folder)
{
	if (folder.len == 0 || folder.len > LONGEST_FOLDER)
		return false;
	for (size_t i = 0; i < folder.len; i++)
		if ((unsigned char)folder.at[i] < 0x20 || folder.at[i] == '/' || folder.at[i] == 0x7f)
			return false;
	while (folder.at)
		if (span_cut(&folder, '.').len == 0)
			return false;
	return true;
}

static bool
is_maildir(struct arena *a, const char *path)
{
	struct stat info;

	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		if (stat(arena_printf(a, "%s/%s", path, inside[i]), &info) < 0 || !S_ISDIR(info.st_mode))
			return false;
	return true;
}

struct status
maildir_make_folder(const char *path, struct span folder, struct maildir_modes modes)
{
	struct arena a;
	struct status st;

	arena_init(&a, 0);
	if (!maildir_folder_valid(folder))
		st = status_make(STATUS_INVALID, "no folder can be called so");
	else if (!is_maildir(&a, path))
		st = status_make(STATUS_NOT_FOUND, "not a Maildir");
	else
		st = make(arena_printf(&a, "%s/.%.*s", path, (int)folder.len, folder.at), modes, true);
	arena_release(&a);
	return st;
}

/* Numbers, each with S for bytes or C for messages. */
static bool
is_quota(struct span quota)
{
	uint64_t number;

	while (quota.at) {
		struct span part = span_cut(&quota, ',');
		if (part.len < 2 || (part.at[part.len - 1] != 'S' && part.at[part.len - 1] != 'C') ||
		    !span_number(span_head(part, part.len - 1), INT64_MAX, &number))
			return false;
	}
	return true;
}

static struct status
write_quota(const char *path, struct span quota)
{
	struct maildir_usage used;
	struct status st = maildir_usage_count(path, &used);
	char text[256];

	if (!status_ok(st))
		return st;
	int len = snprintf(text, sizeof(text), "%.*s\n%12lld %12lld\n", (int)quota.len, quota.at,
	    (long long)used.bytes, (long long)used.messages);
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || len >= (int)sizeof(text))
		return dir < 0 ? because(errno) : status_make(STATUS_INVALID, "not a quota");
	st = io_replace_file(dir, "maildirsize", span_of(text, (size_t)len), 0644);
	close(dir);
	return st;
}

struct status
maildir_set_quota(const char *path, struct span quota, struct maildir_modes modes)
{
	if (!is_quota(quota))
		return status_make(STATUS_INVALID, "a quota is like 10485760S,1000C");
	struct status st = maildir_make(path, modes);
	return status_ok(st) || st.code == STATUS_EXISTS ? write_quota(path, quota) : st;
}
