/*
 * userdb_pair.c - both compiled files of one generation, in memory
 *
 * Each file is copied into a memfd and mapped from there: mapping the
 * file itself would end the process (SIGBUS) when somebody cuts it short.
 */
#include "authsvc/userdb/userdb_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cdb.h>

#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_secrets.h"
#include "base/mem.h"

struct userdb_pair {
	struct cdb shown, secret;
	bool have_shown, have_secret;
	unsigned offers;
};

static struct status
trouble(void)
{
	return status_make(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE, strerror(errno));
}

static struct status
copy_file(const char *path, int *out_fd)
{
	struct status st = STATUS_FINE;
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int to = from < 0 ? -1 : memfd_create("userdb", MFD_CLOEXEC);
	ssize_t n = 1;

	if (to < 0)
		st = trouble();
	while (status_ok(st) && n > 0) {
		n = sendfile(to, from, NULL, 1 << 20);
		if (n < 0)
			st = trouble();
	}
	if (from >= 0)
		close(from);
	if (status_ok(st))
		*out_fd = to;
	else if (to >= 0)
		close(to);
	return st;
}

/* Does every record lie within the file, and are there as many as the compiler wrote? */
static bool
whole(struct cdb *c, struct span *out_generation)
{
	struct cdb work = *c;
	uint64_t count, seen = 0;
	unsigned at;

	if (cdb_find(&work, USERDB_GENERATION_KEY, sizeof(USERDB_GENERATION_KEY) - 1) <= 0)
		return false;
	struct span text = span_of(cdb_getdata(&work), cdb_datalen(&work));
	if (!text.at)
		return false;
	*out_generation = span_cut(&text, ' ');
	if (!span_number(text, UINT32_MAX, &count))
		return false;
	cdb_seqinit(&at, &work);
	while (cdb_seqnext(&at, &work) > 0)
		seen++;
	return seen == count;
}

static struct status
read_one(const char *path, struct cdb *out, bool *out_have, struct span *out_generation)
{
	int fd;
	struct status st = copy_file(path, &fd);

	if (!status_ok(st))
		return st;
	*out_have = cdb_init(out, fd) == 0;
	close(fd);		/* the mapping stays */
	if (!*out_have || !whole(out, out_generation))
		return status_make(STATUS_CORRUPT, "incomplete, or not made by makeuserdb");
	return STATUS_FINE;
}

/* Over all accounts. */
static unsigned
count_offers(const struct cdb *secret)
{
	struct cdb work = *secret;
	unsigned offers = 0, at;

	cdb_seqinit(&at, &work);
	while (cdb_seqnext(&at, &work) > 0)
		offers |= userdb_secrets_offers(span_of(cdb_getdata(&work), cdb_datalen(&work)));
	return offers;
}

struct status
userdb_pair_read(const char *dat, const char *shadow, struct userdb_pair **out)
{
	struct userdb_pair *p = MEM_NEW(struct userdb_pair);
	struct span first, second;

	struct status st = read_one(dat, &p->shown, &p->have_shown, &first);
	if (status_ok(st))
		st = read_one(shadow, &p->secret, &p->have_secret, &second);
	if (status_ok(st) && !span_eq(first, second))
		st = status_make(STATUS_CONFLICT, "the two files are of different generations");
	if (!status_ok(st)) {
		userdb_pair_free(&p);
		return st;
	}
	p->offers = count_offers(&p->secret);
	*out = p;
	return STATUS_FINE;
}

void
userdb_pair_free(struct userdb_pair **p)
{
	if (!*p)
		return;
	if ((*p)->have_shown)
		cdb_free(&(*p)->shown);
	if ((*p)->have_secret)
		cdb_free(&(*p)->secret);
	free(*p);
	*p = NULL;
}

/* tinycdb notes what it found in the struct, so each look-up works on its own. */
static bool
find(const struct cdb *c, struct span name, struct span *out)
{
	struct cdb work = *c;

	if (cdb_find(&work, name.at, (unsigned)name.len) <= 0)
		return false;
	*out = span_of(cdb_getdata(&work), cdb_datalen(&work));
	return out->at != NULL;
}

bool
userdb_pair_find(const struct userdb_pair *p, struct span name, struct span *shown, struct span *secret)
{
	if (name.len > UINT16_MAX || !find(&p->shown, name, shown))
		return false;
	if (!find(&p->secret, name, secret))
		*secret = span_of(NULL, 0);
	return true;
}

unsigned
userdb_pair_offers(const struct userdb_pair *p)
{
	return p->offers;
}

/* Whose uid a number is ("1000=") and the generation are no accounts. */
static bool
is_account(struct span name)
{
	return name.len && name.at[0] != '\t' && name.at[name.len - 1] != '=';
}

bool
userdb_pair_next(const struct userdb_pair *p, unsigned *at, struct span *name, struct span *shown)
{
	struct cdb work = p->shown;

	if (*at == 0)
		cdb_seqinit(at, &work);
	while (cdb_seqnext(at, &work) > 0) {
		*name = span_of(cdb_getkey(&work), cdb_keylen(&work));
		*shown = span_of(cdb_getdata(&work), cdb_datalen(&work));
		if (is_account(*name))
			return true;
	}
	return false;
}
