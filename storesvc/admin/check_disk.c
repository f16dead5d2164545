/*
 * check_disk.c - a mailbox's directory, as it is
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/mem.h"
#include "storesvc/admin/check.h"
#include "storesvc/mailbox/identity.h"
#include "storesvc/mailbox/mailbox_open.h"
#include "storesvc/maildir/name.h"

struct entry {
	const char *file;		/* "cur/..." */
	struct maildir_name name;
};

struct disk_check {
	struct report *report;
	int dir;
	struct entry *entries;		/* messages in cur/ */
	size_t count, room;
};

static bool
still_there(const struct disk_check *c, const char *file)
{
	return io_presence(c->dir, file) != IO_GONE;
}

/* --- one file ------------------------------------------------------------------------ */

static void
check_size(struct disk_check *c, const struct entry *e, const struct stat *info)
{
	uint64_t size = (uint64_t)info->st_size;

	c->report->messages++;
	c->report->bytes += size;
	if (e->name.has_size && e->name.size != size)
		report_add(c->report, "size-in-name", CURE_HAND, e->file,
		    "has %llu bytes, its name says S=%llu: it was changed after it was stored, or cut short",
		    (unsigned long long)size, (unsigned long long)e->name.size);
	if (e->name.has_size && e->name.has_vsize && e->name.vsize < e->name.size)
		report_add(c->report, "size-in-name", CURE_HAND, e->file,
		    "its name says that it is served with fewer bytes than it has");
}

/* "U=" that cannot be read, letters that are none. */
static void
check_form(struct disk_check *c, const struct entry *e, bool in_cur)
{
	struct span base = e->name.base, suffix = e->name.suffix;
	bool claims_uid = false;

	(void)span_cut(&base, ',');
	while (base.at)
		claims_uid |= span_starts(span_cut(&base, ','), SPAN_LIT("U="));
	if (claims_uid && !e->name.uid)
		report_add(c->report, "name-malformed", CURE_ITSELF, e->file,
		    "its name has a U= that is no UID: it gets a new one");
	for (size_t i = 0; in_cur && i < suffix.len; i++) {
		char letter = ascii_lower(suffix.at[i]);
		if (letter >= 'a' && letter <= 'z')
			continue;
		report_add(c->report, "name-malformed", CURE_ITSELF, e->file,
		    "there is something after \":2,\" that is no flag");
		break;
	}
}

static void
check_file(struct disk_check *c, const char *file, const char *name, bool in_cur)
{
	struct entry e = { .file = file };
	struct stat info;

	if (fstatat(c->dir, file, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return;				/* renamed or removed meanwhile */
	if (!S_ISREG(info.st_mode)) {
		report_add(c->report, "not-a-message", CURE_HAND, file, "is no file: no client sees it");
		return;
	}
	maildir_name_parse(span_str(name), &e.name);
	check_form(c, &e, in_cur);
	check_size(c, &e, &info);
	if (!in_cur || !e.name.uid)
		return;
	MEM_GROW(c->entries, c->count, &c->room);
	c->entries[c->count++] = e;
}

static void
check_directory(struct disk_check *c, const char *which)
{
	struct dirent *entry;
	int fd = io_open_dir(c->dir, which);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		report_add(c->report, "no-directory", errno == ENOENT ? CURE_ITSELF : CURE_HAND, which,
		    "cannot be read: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		const char *file = arena_printf(c->report->arena, "%s/%s", which, entry->d_name);
		if (entry->d_name[0] == '.')
			report_add(c->report, "not-a-message", CURE_HAND, file, "begins with a dot: no client sees it");
		else
			check_file(c, file, file + strlen(which) + 1, strcmp(which, "cur") == 0);
	}
	closedir(stream);
}

/* --- all of them ------------------------------------------------------------------------ */

static int
by_uid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->name.uid != y->name.uid ? (x->name.uid < y->name.uid ? -1 : 1) :
	    span_cmp(x->name.base, y->name.base);
}

/* Only UIDs with the mailbox's own tag count; a file that is renamed meanwhile may be listed twice. */
static void
check_uids(struct disk_check *c, const struct identity *identity)
{
	const struct entry *before = NULL;

	if (c->count)
		qsort(c->entries, c->count, sizeof(*c->entries), by_uid);
	for (size_t i = 0; i < c->count; i++) {
		const struct entry *e = &c->entries[i];
		if (!span_eq(e->name.tag, span_str(identity->tag)))
			continue;
		if (before && before->name.uid == e->name.uid && still_there(c, e->file) && still_there(c, before->file))
			report_add(c->report, "uid-twice", CURE_ITSELF, e->file,
			    "has UID %u like %s: it gets a new one", e->name.uid, before->file);
		if (e->name.uid >= identity->uid_floor)
			report_add(c->report, "uid-beyond", CURE_ITSELF, e->file,
			    "has UID %u, and none from %u on were ever given: its name was not made here",
			    e->name.uid, identity->uid_floor);
		before = e;
	}
}

static void
check_index(struct disk_check *c, const struct identity *identity)
{
	if (mailbox_index_state(c->dir, identity) == INDEX_DAMAGED)
		report_add(c->report, "index-damaged", CURE_REBUILD, INDEX_FILE,
		    "is damaged, or another mailbox's: it is not used");
}

void
check_disk(struct report *r, int dir)
{
	struct disk_check c = { .report = r, .dir = dir };
	struct identity identity;

	check_directory(&c, "cur");
	check_directory(&c, "new");
	/* After the names: UIDs are given from below the floor that is on disk. */
	struct status st = identity_read(dir, &identity);
	if (status_ok(st)) {
		check_uids(&c, &identity);
		check_index(&c, &identity);
		identity_release(&identity);
	} else if (st.code != STATUS_NOT_FOUND) {
		report_add(r, "identity-damaged", CURE_ITSELF, IDENTITY_FILE,
		    "is damaged: its copy is used, or a new UIDVALIDITY is given");
	} else if (c.count) {
		report_add(r, "identity-missing", CURE_ITSELF, IDENTITY_FILE,
		    "is missing: its copy is used, or a new UIDVALIDITY is given");
	}
	free(c.entries);
}
