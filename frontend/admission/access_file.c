/*
 * access_file.c - the access file that is in force
 */
#include "frontend/admission/access_file.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"

struct access_file {
	char *path;			/* NULL: none */
	pthread_rwlock_t lock;		/* protects what follows */
	struct access *access;
	uint64_t mark;			/* of the files as they were loaded */
};

struct status
access_file_new(const char *path, struct access_file **out)
{
	struct access_file *f = MEM_NEW(struct access_file);
	struct status st = STATUS_FINE;

	pthread_rwlock_init(&f->lock, NULL);
	if (path && *path) {
		f->path = mem_strdup(path);
		f->mark = access_mark(path);
		st = access_load(path, &f->access);
	}
	if (status_ok(st))
		*out = f;
	else
		access_file_free(&f);
	return st;
}

void
access_file_free(struct access_file **fp)
{
	struct access_file *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	access_free(&f->access);
	pthread_rwlock_destroy(&f->lock);
	free(f->path);
	free(f);
}

void
access_file_reload(struct access_file *f, bool only_if_changed)
{
	struct access *access, *old;

	if (!f->path)
		return;
	uint64_t mark = access_mark(f->path);
	pthread_rwlock_wrlock(&f->lock);
	bool changed = mark != f->mark;
	f->mark = mark;
	pthread_rwlock_unlock(&f->lock);
	if ((only_if_changed && !changed) || !status_ok(access_load(f->path, &access)))
		return;
	pthread_rwlock_wrlock(&f->lock);
	old = f->access;
	f->access = access;
	pthread_rwlock_unlock(&f->lock);
	access_free(&old);
	log_info("%s is in force", f->path);
}

struct access_rule
access_file_find(struct access_file *f, const struct in6_addr *address)
{
	struct access_rule rule = { .most = -1 };

	if (!f->path)
		return rule;
	pthread_rwlock_rdlock(&f->lock);
	rule = access_find(f->access, address);
	pthread_rwlock_unlock(&f->lock);
	return rule;
}
