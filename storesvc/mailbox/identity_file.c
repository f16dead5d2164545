/*
 * identity_file.c - the files posthouse-mailbox and posthouse-mailbox-copy
 *
 *	announced	in the copy: the next floors, without "seen"
 *	written		posthouse-mailbox: aside and renamed, or one slot in place; synced either way
 *	witnessed	in the copy: the inode and ctime that posthouse-mailbox has got
 *
 * The copy is not synced, and without it all works on: what a lost copy costs is numbers that jump. A process
 * may be killed anywhere: an announced write has been done or not, which the serial tells.
 */
#include "storesvc/mailbox/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/listing.h"

#define FILE_LIMIT ((size_t)16 << 20)

static int64_t
ctime_ns(const struct stat *info)
{
	return info->st_ctim.tv_sec * INT64_C(1000000000) + info->st_ctim.tv_nsec;
}

static struct status
read_one(int dir, const char *file, struct identity *out)
{
	struct buf text;

	buf_init(&text, 0);
	struct status st = io_read_file(dir, file, FILE_LIMIT, &text);
	if (status_ok(st) && !identity_parse(buf_view(&text), out)) {
		log_error("a %s is damaged", file);
		st = status_make(STATUS_CORRUPT, "The mailbox's identity is damaged");
	}
	buf_release(&text);
	return st;
}

struct status
identity_read(int dir, struct identity *out)
{
	return read_one(dir, IDENTITY_FILE, out);
}

/* Is posthouse-mailbox what it was when the copy was written last? ctime as far as its machine is ours. */
static bool
seen_like_this(int dir, const struct identity *copy, struct identity *out)
{
	struct stat info;

	if (fstatat(dir, IDENTITY_FILE, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	out->inode = info.st_ino;
	return copy->seen_inode == info.st_ino && (dir_is_remote(dir) || copy->seen_ctime_ns == ctime_ns(&info));
}

static void
take_higher_floors(struct identity *out, const struct identity *other)
{
	if (out->uid_floor < other->uid_floor)
		out->uid_floor = other->uid_floor;
	if (out->modseq_floor < other->modseq_floor)
		out->modseq_floor = other->modseq_floor;
}

/* `copy` is used up. */
static void
compare_with_copy(int dir, struct identity *out, struct identity *copy)
{
	bool same = strcmp(out->tag, copy->tag) == 0 && out->uidvalidity == copy->uidvalidity;
	bool seen = seen_like_this(dir, copy, out);

	bool announced = copy->seen_inode == 0 && (out->serial == copy->serial || out->serial + 1 == copy->serial);
	/* The copy may have been lost when the machine was: nothing put back looks newer than it. */
	bool follows = out->serial == copy->serial + 1;
	out->certain = out->certain && same && (announced || follows || (seen && copy->serial == out->serial));
	if (same && copy->serial > out->serial && !announced) {
		/* An older one was put back: keywords that were defined since keep their numbers. */
		struct identity older = *out;
		*out = *copy;
		*copy = older;
		out->certain = false;
	}
	if (same)
		take_higher_floors(out, copy);
	identity_release(copy);
}

struct status
identity_recover(int dir, struct identity *out)
{
	struct identity copy;
	struct status st = read_one(dir, IDENTITY_FILE, out);

	if (!status_ok(st) && st.code != STATUS_NOT_FOUND && st.code != STATUS_CORRUPT)
		return st;
	struct status second = read_one(dir, IDENTITY_COPY, &copy);
	if (!status_ok(st)) {
		if (!status_ok(second))
			return second.code == STATUS_NOT_FOUND ? st : second;
		*out = copy;
		out->certain = false;
	} else if (status_ok(second)) {
		compare_with_copy(dir, out, &copy);
	} else if (out->slots_at && out->serial > 1) {
		out->certain = false;
	}
	if (!out->certain) {
		log_warn("a %s was lost, damaged or put back: UIDs and MODSEQs of the mailbox jump ahead", IDENTITY_FILE);
		identity_raise_floors(out);
		out->slots_at = 0;
	}
	return STATUS_FINE;
}

/* Aside and renamed, not synced. */
static bool
write_copy(int dir, struct span bytes)
{
	fence_check();
	int fd = -1;
	bool written = status_ok(io_create_anew(dir, IDENTITY_COPY ".new", &fd)) && io_write_all(fd, bytes);

	if (fd >= 0)
		close(fd);
	written = written && renameat(dir, IDENTITY_COPY ".new", dir, IDENTITY_COPY) == 0;
	if (fd >= 0 && !written)
		unlinkat(dir, IDENTITY_COPY ".new", 0);
	return written;
}

/* The file is ours alone, and as long as it should be. A hard link to it is somebody's backup, and stays as it is. */
static bool
may_overwrite(const struct stat *info, const struct identity *identity, bool copy)
{
	return info->st_nlink == 1 && (copy || info->st_ino == identity->inode) &&
	    info->st_size == (off_t)(identity->slots_at + (size_t)2 * IDENTITY_SLOT_SIZE);
}

static bool
overwrite_slot(int dir, const char *file, const struct identity *identity, bool copy)
{
	off_t at = (off_t)(identity->slots_at + (identity->serial & 1) * IDENTITY_SLOT_SIZE);
	struct stat info;
	struct buf slot;
	int fd;

	if (!identity->slots_at || !status_ok(io_open_file(dir, file, IO_CHANGE, &fd, &info)))
		return false;
	buf_init(&slot, 0);
	identity_print_slot(identity, &slot);
	fence_check();
	bool written = may_overwrite(&info, identity, copy) &&
	    pwrite(fd, slot.at, slot.len, at) == (ssize_t)slot.len && (copy || fdatasync(fd) == 0);
	close(fd);
	buf_release(&slot);
	return written;
}

static void
announce(int dir, const struct identity *identity)
{
	struct identity copy = *identity;	/* its parts stay the caller's */

	copy.seen_inode = 0;
	/* If this fails, a kill before the end of the write costs numbers that jump. */
	(void)overwrite_slot(dir, IDENTITY_COPY, &copy, true);
}

/* What posthouse-mailbox looks like now goes into the copy. */
static void
witness(int dir, struct identity *identity, bool whole)
{
	struct stat info;
	struct identity copy = *identity;	/* its parts stay the caller's */
	struct buf bytes;

	if (fstatat(dir, IDENTITY_FILE, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	identity->inode = info.st_ino;
	copy.seen_inode = info.st_ino;
	copy.seen_ctime_ns = ctime_ns(&info);
	if (!whole && overwrite_slot(dir, IDENTITY_COPY, &copy, true))
		return;
	buf_init(&bytes, 0);
	identity_print(&copy, &bytes, &copy.slots_at);
	if (!write_copy(dir, buf_view(&bytes)))
		log_warn("cannot write a %s: %m", IDENTITY_COPY);
	buf_release(&bytes);
}

struct status
identity_write(int dir, struct identity *identity)
{
	struct buf bytes;
	size_t slots_at;

	buf_init(&bytes, 0);
	identity->serial++;
	identity->seen_inode = 0;
	identity_print(identity, &bytes, &slots_at);
	announce(dir, identity);
	fence_check();
	struct status st = io_replace_file(dir, IDENTITY_FILE, buf_view(&bytes), 0600);
	buf_release(&bytes);
	if (!status_ok(st)) {
		identity->serial--;
		return st;
	}
	identity->slots_at = slots_at;
	identity->certain = true;
	witness(dir, identity, true);
	return st;
}

struct status
identity_write_floors(int dir, struct identity *identity)
{
	identity->serial++;
	identity->seen_inode = 0;
	announce(dir, identity);
	if (overwrite_slot(dir, IDENTITY_FILE, identity, false)) {
		witness(dir, identity, false);
		return STATUS_FINE;
	}
	/* Not to be overwritten, or not any more. The slot that may be torn now is the first to be written next. */
	identity->serial--;
	return identity_write(dir, identity);
}
