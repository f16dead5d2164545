/*
 * userdb_edit.c - changes to one account in one source file
 */
#include "authsvc/userdb/userdb_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/userdb/userdb_record.h"
#include "authsvc/userdb/userdb_source.h"
#include "base/io.h"
#include "base/log.h"

#define LARGEST_SOURCE (1u << 30)

/* What a change makes of the last line of an account: its record, or at == NULL for "no such line". */
struct edit {
	struct span name;
	const struct userdb_change *changes;
	size_t count;
	bool remove;
};

struct place {			/* where the source file is */
	int dir;		/* its directory, open */
	const char *base;
	int lock;
};

static struct status
place_open(struct place *p, struct arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *folder = slash ? arena_strndup(a, file, (size_t)(slash - file) + 1) : ".";
	struct stat info;

	*p = (struct place){ -1, slash ? slash + 1 : file, -1 };
	p->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0)
		return io_status(errno, "open", folder);
	if (fstatat(p->dir, p->base, &info, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(info.st_mode)) {
		log_error("%s is not a plain file; say FILE/NAME", file);
		return status_make(STATUS_INVALID, "Not a plain file");
	}
	const char *lock = arena_printf(a, ".lock.%s", p->base);
	p->lock = openat(p->dir, lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->lock < 0 || flock(p->lock, LOCK_EX) < 0)
		return io_status(errno, "lock", lock);
	return STATUS_FINE;
}

static void
place_close(struct place *p)
{
	if (p->lock >= 0)
		close(p->lock);
	if (p->dir >= 0)
		close(p->dir);
}

static bool
is_account(struct span line, struct span name, struct userdb_line *out)
{
	return userdb_line_parse(line, out) && !out->reverse && span_eq(out->name, name);
}

static void
put_record(struct buf *out, struct arena *a, const struct edit *e, struct span record)
{
	for (size_t i = 0; i < e->count; i++)
		record = userdb_record_set(a, record, e->changes[i].field, e->changes[i].value);
	buf_span(out, e->name);
	buf_char(out, '\t');
	buf_span(out, record);
	buf_char(out, '\n');
}

/* The text with the edit applied to every line of the account; false when there was none. */
static bool
rewrite(struct buf *out, struct arena *a, const struct edit *e, struct span text)
{
	struct userdb_line l;
	bool met = false;

	while (text.at && text.len) {
		struct span line = span_cut(&text, '\n');
		if (!is_account(line, e->name, &l)) {
			buf_span(out, line);
			buf_char(out, '\n');
			continue;
		}
		met = true;
		if (!e->remove)
			put_record(out, a, e, l.record);
	}
	return met;
}

static bool
adds_something(const struct edit *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->changes[i].value)
			return true;
	return false;
}

static struct status
apply(const struct place *p, struct arena *a, const struct edit *e)
{
	struct buf text, out;

	buf_init(&text, 0);
	buf_init(&out, 0);
	struct status st = io_read_file(p->dir, p->base, LARGEST_SOURCE, &text);
	if (st.code == STATUS_NOT_FOUND && adds_something(e))
		st = STATUS_FINE;
	if (!status_ok(st))
		goto out;
	if (!rewrite(&out, a, e, buf_view(&text))) {
		if (!adds_something(e)) {
			st = status_make(STATUS_NOT_FOUND, "No such account");
			goto out;
		}
		put_record(&out, a, e, SPAN_LIT(""));
	}
	st = io_rewrite_file(p->dir, p->base, buf_view(&out), 0600);
out:
	buf_release(&text);
	buf_release(&out);
	return st;
}

static struct status
edit_file(const char *file, const struct edit *e)
{
	struct place p;
	struct arena a;

	arena_init(&a, 0);
	struct status st = place_open(&p, &a, file);
	if (status_ok(st))
		st = apply(&p, &a, e);
	place_close(&p);
	arena_release(&a);
	return st;
}

struct status
userdb_edit_change(const char *file, struct span name, const struct userdb_change *changes, size_t count)
{
	struct edit e = { .name = name, .changes = changes, .count = count };

	if (!userdb_name_valid(name))
		return status_make(STATUS_INVALID, "Not a name an account can have");
	for (size_t i = 0; i < count; i++)
		if (!userdb_field_name_valid(changes[i].field) ||
		    (changes[i].value && !userdb_value_valid(*changes[i].value)))
			return status_make(STATUS_INVALID, "Not a field or value an account can have");
	return edit_file(file, &e);
}

struct status
userdb_edit_delete(const char *file, struct span name)
{
	struct edit e = { .name = name, .remove = true };

	return edit_file(file, &e);
}

struct status
userdb_edit_show(const char *file, struct span name, struct buf *out)
{
	struct buf text;
	struct userdb_line l;
	struct userdb_field f;
	bool met = name.len == 0;

	buf_init(&text, 0);
	struct status st = io_read_file(AT_FDCWD, file, LARGEST_SOURCE, &text);
	for (struct span rest = buf_view(&text); rest.at && status_ok(st);) {
		struct span line = span_cut(&rest, '\n');
		if (name.len == 0 && userdb_line_parse(line, &l) && !l.reverse) {
			buf_span(out, l.name);
			buf_char(out, '\n');
		} else if (name.len && is_account(line, name, &l)) {
			met = true;
			buf_reset(out);		/* the last line of a name counts */
			while (userdb_record_next(&l.record, &f)) {
				buf_span(out, f.text);
				buf_char(out, '\n');
			}
		}
	}
	buf_release(&text);
	if (status_ok(st) && !met)
		st = status_make(STATUS_NOT_FOUND, "No such account");
	return st;
}
