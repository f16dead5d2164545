/*
 * userdb_compile.c - from the source to the two files that are looked up
 *
 *	collect		read all lines; the last one of a name counts
 *	write		both files beside the old ones, synced
 *	swap		rename the shadow file, then the main one
 *
 * Readers look at the main file to see whether anything is new, so it comes last.
 */
#include "authsvc/userdb/userdb_compile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cdb.h>
#include <openssl/rand.h>

#include "authsvc/userdb/userdb_record.h"
#include "authsvc/userdb/userdb_source.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/panic.h"

#define GENERATION_BYTES 16

struct entry {
	struct span name;
	struct span shown;	/* for the main file                          */
	struct span secret;	/* for the shadow file; at == NULL: not there */
	struct entry *next;	/* in the order of the source                 */
};

struct collection {
	struct arena arena;
	struct map by_name;
	struct entry *first, **last;
	size_t accounts;
};

struct output {
	const char *path, *aside;
	int fd;
	struct cdb_make cdb;
	unsigned count;		/* records, for the generation */
};

const char *
userdb_dat_path(struct arena *a, const char *source)
{
	return arena_printf(a, "%s.dat", source);
}

const char *
userdb_shadow_path(struct arena *a, const char *source)
{
	return arena_printf(a, "%sshadow.dat", source);
}

static struct entry *
entry_of(struct collection *c, struct span name)
{
	struct entry *e = map_find(&c->by_name, name);

	if (e)
		return e;
	e = ARENA_NEW(&c->arena, struct entry);
	e->name = arena_span(&c->arena, name);
	*c->last = e;
	c->last = &e->next;
	map_put(&c->by_name, name, e);
	return e;
}

static void
join(struct buf *b, struct span text)
{
	if (b->len)
		buf_char(b, '|');
	buf_span(b, text);
}

static struct status
collect(void *arg, const struct userdb_line *l)
{
	struct collection *c = arg;
	struct entry *e = entry_of(c, l->name);
	struct userdb_field f;
	struct buf shown, secret;

	e->secret = span_of(NULL, 0);
	if (l->reverse) {
		e->shown = arena_span(&c->arena, l->record);
		return STATUS_FINE;
	}
	buf_init(&shown, 0);
	buf_init(&secret, 0);
	for (struct span rest = l->record; userdb_record_next(&rest, &f);)
		join(userdb_field_is_secret(&f) ? &secret : &shown, f.text);
	if (l->location.len) {
		join(&shown, SPAN_LIT("_="));
		buf_span(&shown, l->location);
	}
	c->accounts += e->shown.at == NULL;
	e->shown = arena_span(&c->arena, buf_view(&shown));
	if (secret.len)
		e->secret = arena_span(&c->arena, buf_view(&secret));
	buf_release(&shown);
	buf_release(&secret);
	return STATUS_FINE;
}

/* `owner`: of the source; a compiler run by root leaves files that the source's owner can read. */
static struct status
output_open(struct output *o, struct arena *a, const char *path, mode_t mode, const struct stat *owner)
{
	struct stat info;

	o->path = path;
	o->aside = arena_printf(a, "%s.new", path);
	o->fd = -1;
	if (lstat(path, &info) == 0 && S_ISLNK(info.st_mode)) {
		log_error("%s is a symbolic link", path);
		return status_make(STATUS_DENIED, "Symbolic links are not followed");
	}
	unlink(o->aside);
	o->fd = open(o->aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (o->fd < 0)
		return io_status(errno, "create", o->aside);
	if (fchmod(o->fd, mode) < 0 || (geteuid() == 0 && fchown(o->fd, owner->st_uid, owner->st_gid) < 0))
		return io_status(errno, "set the owner of", o->aside);
	cdb_make_start(&o->cdb, o->fd);
	return STATUS_FINE;
}

static bool
output_add(struct output *o, struct span key, struct span value)
{
	o->count++;
	return cdb_make_add(&o->cdb, key.at, (unsigned)key.len, value.at, (unsigned)value.len) == 0;
}

/* The generation counts its own record, too. */
static struct status
output_finish(struct output *o, const char *generation)
{
	char text[2 * GENERATION_BYTES + 16];
	int len = snprintf(text, sizeof(text), "%s %u", generation, o->count + 1);
	bool ok = output_add(o, SPAN_LIT(USERDB_GENERATION_KEY), span_of(text, (size_t)len));

	if (cdb_make_finish(&o->cdb) != 0 || !ok || fsync(o->fd) < 0)
		return io_status(errno, "write", o->aside);
	return STATUS_FINE;
}

static void
output_close(struct output *o)
{
	if (o->fd >= 0) {
		close(o->fd);
		unlink(o->aside);	/* gone already when it was renamed */
	}
}

static struct status
write_both(const struct collection *c, struct output *shown, struct output *secret)
{
	unsigned char random[GENERATION_BYTES];
	char generation[2 * GENERATION_BYTES + 1] = "";
	bool ok = true;

	assert_that(RAND_bytes(random, sizeof(random)) == 1);
	hex_encode(span_of(random, sizeof(random)), generation);
	for (const struct entry *e = c->first; e && ok; e = e->next) {
		ok = output_add(shown, e->name, e->shown);
		if (ok && e->secret.at)
			ok = output_add(secret, e->name, e->secret);
	}
	struct status st = ok ? STATUS_FINE : io_status(errno, "write beside", shown->path);
	struct status first = output_finish(shown, generation);
	struct status second = output_finish(secret, generation);
	return !status_ok(st) ? st : !status_ok(first) ? first : second;
}

static struct status
swap_both(const struct output *shown, const struct output *secret)
{
	const struct output *const order[] = { secret, shown };

	for (size_t i = 0; i < 2; i++)
		if (rename(order[i]->aside, order[i]->path) < 0)
			return io_status(errno, "rename", order[i]->aside);
	const char *slash = strrchr(shown->path, '/');
	char *folder = mem_strndup(slash ? shown->path : ".", slash ? (size_t)(slash - shown->path) + 1 : 1);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct status st = fd < 0 ? io_status(errno, "open", folder) : io_sync_dir(fd, folder);
	if (fd >= 0)
		close(fd);
	free(folder);
	return st;
}

static struct status
compile_locked(const char *source, struct collection *c)
{
	struct output shown = { .fd = -1 }, secret = { .fd = -1 };
	struct stat owner;

	struct status st = userdb_source_read(source, collect, c);
	if (!status_ok(st))
		return st;
	if (lstat(source, &owner) < 0)
		return io_status(errno, "stat", source);
	st = output_open(&shown, &c->arena, userdb_dat_path(&c->arena, source), 0644, &owner);
	if (status_ok(st))
		st = output_open(&secret, &c->arena, userdb_shadow_path(&c->arena, source), 0600, &owner);
	if (status_ok(st))
		st = write_both(c, &shown, &secret);
	if (status_ok(st))
		st = swap_both(&shown, &secret);
	output_close(&shown);
	output_close(&secret);
	return st;
}

struct status
userdb_compile(const char *source, size_t *out_accounts)
{
	struct collection c = { .first = NULL };

	arena_init(&c.arena, 64 * 1024);
	map_init(&c.by_name);
	c.last = &c.first;

	const char *lock = arena_printf(&c.arena, "%s.lock", source);
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct status st;
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		st = io_status(errno, "lock", lock);
	else
		st = compile_locked(source, &c);
	if (fd >= 0)
		close(fd);
	if (status_ok(st) && out_accounts)
		*out_accounts = c.accounts;
	map_release(&c.by_name);
	arena_release(&c.arena);
	return st;
}
