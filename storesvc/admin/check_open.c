/*
 * check_open.c - what clients are told of a mailbox, and the files
 *
 * The views are taken in one go; what then seems wrong is asked of the mailbox again, after it has had a look at its
 * directory, before it is called so.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "storesvc/admin/check.h"
#include "storesvc/mailbox/mailbox_open.h"
#include "storesvc/read/cache_recovery.h"
#include "storesvc/read/facts.h"

#define SCRATCH_KEPT (1u << 20)

struct open_check {
	struct report *report;
	struct mailbox *box;
	struct facts facts;
	struct arena scratch;
	struct buf bytes;
	bool looked;			/* the mailbox has looked at its directory again */
};

/* The message as it is known now, and its file's name; false: it is gone. */
static bool
known_now(struct open_check *c, uint32_t uid, struct message_view *out, char file[MESSAGE_FILE_MAX])
{
	mailbox_lock_read(c->box);
	struct message *m = mailbox_find(c->box, uid);
	if (m) {
		message_view_take(out, c->box, m);
		mailbox_file_name(c->box, m, file);
	}
	mailbox_unlock(c->box);
	return m != NULL;
}

/* Once for a whole check: others' changes from before then are no damage. */
static void
look_again(struct open_check *c)
{
	if (!c->looked && !status_ok(mailbox_look_harder(c->box)))
		report_add(c->report, "unreadable", CURE_HAND, NULL, "the directory cannot be read");
	c->looked = true;
}

static const char *
in_cur(struct open_check *c, const char *file)
{
	return arena_printf(c->report->arena, "cur/%s", file);
}

/* False: there is no file to go on with. */
static bool
check_file(struct open_check *c, struct message_view *v)
{
	char file[MESSAGE_FILE_MAX];
	struct stat info;

	for (int tries = 0; tries < 3; tries++) {
		if (!known_now(c, v->uid, v, file))
			return false;
		if (fstatat(mailbox_cur(c->box), file, &info, AT_SYMLINK_NOFOLLOW) < 0) {
			look_again(c);
			continue;
		}
		if (v->size_known && v->size != (uint64_t)info.st_size)
			report_add(c->report, "size-known", CURE_REBUILD, in_cur(c, file),
			    "has %llu bytes, the index says %llu", (unsigned long long)info.st_size,
			    (unsigned long long)v->size);
		return true;
	}
	report_add(c->report, "file-missing", CURE_REBUILD, in_cur(c, file), "clients see UID %u, but there is no such file",
	    v->uid);
	return false;
}

static bool
same_record(const struct cache_record *a, const struct cache_record *b)
{
	return a->served_size == b->served_size && a->header_len == b->header_len &&
	    span_eq(a->envelope, b->envelope) && span_eq(a->body, b->body) &&
	    span_eq(a->bodystructure, b->bodystructure) && span_eq(a->mime_table, b->mime_table) &&
	    span_eq(a->fields, b->fields);
}

/* The record, read; false: there is none, which is no mistake, or not a good one, which is told. */
static bool
check_record(struct open_check *c, const struct message_view *v, struct cache_record *out)
{
	if (!v->cache_at || !v->size_known)
		return false;
	if (cache_read(&c->facts.reader, v->cache_at, v->uid, v->size, out))
		return true;
	report_add(c->report, "cache-damaged", CURE_REBUILD, CACHE_FILE,
	    "the record of UID %u is damaged: it is made again from the message when it is needed", v->uid);
	return false;
}

/* The message itself, against its name and what is kept of it. */
static void
check_content(struct open_check *c, struct message_view *v, const struct cache_record *kept)
{
	struct message_file file;
	struct cache_record fresh;
	struct status st = message_file_open(c->box, v, &file);

	if (st.code == STATUS_NOT_FOUND)
		return;
	if (status_ok(st)) {
		st = message_file_read(&file, 0, file.size, &c->bytes);
		message_file_close(&file);
	}
	if (!status_ok(st)) {
		report_add(c->report, "unreadable", CURE_HAND, NULL, "UID %u cannot be read", v->uid);
		return;
	}
	cache_record_make(&c->scratch, v->uid, buf_view(&c->bytes), file.raw, &fresh);
	if (v->vsize_known && fresh.served_size != v->vsize)
		report_add(c->report, "served-size", CURE_HAND, NULL,
		    "UID %u is told to have %llu bytes (W= in its name), but is sent with %llu", v->uid,
		    (unsigned long long)v->vsize, (unsigned long long)fresh.served_size);
	else if (kept && !same_record(kept, &fresh))
		report_add(c->report, "cache-wrong", CURE_REBUILD, CACHE_FILE,
		    "what is kept of UID %u is not what the message says", v->uid);
	if (c->scratch.used > SCRATCH_KEPT) {
		arena_release(&c->scratch);
		arena_init(&c->scratch, 0);
	} else {
		arena_reset(&c->scratch);
	}
	if (c->bytes.room > SCRATCH_KEPT)
		buf_release(&c->bytes);
}

static struct message_view *
take_views(struct mailbox *box, size_t *out_count)
{
	size_t count = 0;

	mailbox_lock_read(box);
	struct message_view *views = mem_alloc((mailbox_present(box)->size + 1) * sizeof(*views));
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m))
		message_view_take(&views[count++], box, m);
	mailbox_unlock(box);
	*out_count = count;
	return views;
}

void
check_open(struct report *r, struct mailbox *box, bool deep, bool (*wanted)(void *arg), void *arg)
{
	struct open_check c = { .report = r, .box = box };
	struct cache_record kept;
	size_t count;

	facts_init(&c.facts, box);
	arena_init(&c.scratch, 0);
	buf_init(&c.bytes, 0);
	cache_recovery_run(box, c.facts.cache);
	struct message_view *views = take_views(box, &count);
	for (size_t i = 0; i < count && wanted(arg); i++) {
		if (!check_file(&c, &views[i]))
			continue;
		bool has_record = check_record(&c, &views[i], &kept);
		if (deep)
			check_content(&c, &views[i], has_record ? &kept : NULL);
	}
	free(views);
	buf_release(&c.bytes);
	arena_release(&c.scratch);
	facts_release(&c.facts);
}
