/*
 * maildir_usage.c - how much is in a Maildir, as its quota counts it
 */
#include "tools/maildir/maildir_usage.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

/* ",S=1234" in the name, or -1. */
static int64_t
size_in_name(struct span name)
{
	const struct span mark = SPAN_LIT(",S=");
	uint64_t size;

	for (size_t i = 0; i + mark.len < name.len; i++) {
		struct span rest = span_skip(name, i);
		if (!span_starts(rest, mark))
			continue;
		rest = span_skip(rest, mark.len);
		size_t digits = 0;
		while (digits < rest.len && ascii_digit(rest.at[digits]))
			digits++;
		return span_number(span_head(rest, digits), INT64_MAX, &size) ? (int64_t)size : -1;
	}
	return -1;
}

static bool
is_deleted(struct span name)
{
	size_t colon = span_rindex(name, ':');
	struct span flags = span_skip(name, colon);

	return span_starts(flags, SPAN_LIT(":2,")) && span_index(flags, 'T') < flags.len;
}

static void
count_file(struct arena *a, const char *folder, const char *name, struct maildir_usage *out)
{
	struct span text = span_str(name);
	int64_t size = size_in_name(text);
	struct stat info;

	if (name[0] == '.' || is_deleted(text))
		return;
	/* A file that has gone meanwhile takes no room. */
	if (size < 0 && stat(arena_printf(a, "%s/%s", folder, name), &info) < 0)
		return;
	out->bytes += size < 0 ? (int64_t)info.st_size : size;
	out->messages++;
}

static void
count_folder(const char *path, struct maildir_usage *out)
{
	const char *const where[] = { "cur", "new" };
	struct arena a;

	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(where) / sizeof(*where); i++) {
		const char *folder = arena_printf(&a, "%s/%s", path, where[i]);
		DIR *d = opendir(folder);
		for (struct dirent *e; d && (e = readdir(d)) != NULL;)
			count_file(&a, folder, e->d_name, out);
		if (d)
			closedir(d);
	}
	arena_release(&a);
}

struct status
maildir_usage_count(const char *path, struct maildir_usage *out)
{
	struct maildir_usage used = { 0, 0 };
	DIR *d = opendir(path);
	struct arena a;

	if (!d)
		return status_make(STATUS_UNAVAILABLE, strerror(errno));
	arena_init(&a, 0);
	count_folder(path, &used);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] == '.' && strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, ".Trash") != 0)
			count_folder(arena_printf(&a, "%s/%s", path, e->d_name), &used);
	closedir(d);
	arena_release(&a);
	*out = used;
	return STATUS_FINE;
}
