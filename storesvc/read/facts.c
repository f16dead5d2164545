/*
 * facts.c - what messages hold, from the cache or, failing that, from their files
 */
#include "storesvc/read/facts.h"

#include "metrics/metrics.h"
#include "storesvc/cache/cache_compact.h"
#include "storesvc/read/cache_recovery.h"

static struct metric hits = {
	.name = "posthouse_store_cache_hits", .kind = METRIC_COUNTER,
	.help = "Messages whose facts (envelope, structure, sizes) were in the cache.",
};
METRIC_REGISTER(hits);

static struct metric misses = {
	.name = "posthouse_store_cache_misses", .kind = METRIC_COUNTER,
	.help = "Messages that had to be read for them.",
};
METRIC_REGISTER(misses);

#define LEARN_AT_ONCE 4096		/* so many write locks are saved               */
#define SCRATCH_KEPT (1u << 20)		/* what a message needed beyond is given back  */

static void *
open_cache(struct mailbox *box)
{
	return cache_open(mailbox_dir(box), mailbox_uidvalidity(box));
}

static void
close_cache(void *extra)
{
	struct cache *cache = extra;

	cache_close(&cache);
}

static const struct mailbox_extra cache_extra = { open_cache, close_cache };

void
facts_init(struct facts *f, struct mailbox *box)
{
	*f = (struct facts){ .box = box, .cache = mailbox_extra(box, &cache_extra) };
	cache_reader_init(&f->reader, f->cache);
	arena_init(&f->scratch, 16u << 10);
	buf_init(&f->message, 0);
}

/* Those of one release at a time; the write lock is taken once. */
static void
tell_mailbox(struct facts *f)
{
	if (f->learnt_count == 0)
		return;
	mailbox_lock_write(f->box);
	for (size_t i = 0; i < f->learnt_count; i++) {
		const struct message_view *v = &f->learnt[i];
		struct message *m = mailbox_find(f->box, v->uid);
		if (!m)
			continue;
		m->size = v->size;
		m->vsize = v->vsize;
		m->size_known = v->size_known;
		m->vsize_known = v->vsize_known;
		m->received = v->received;
		m->cache_at = v->cache_at;
	}
	mailbox_learned(f->box);
	uint64_t messages = mailbox_present(f->box)->size;
	mailbox_unlock(f->box);
	f->learnt_count = 0;
	if (cache_wants_compaction(f->cache, messages))
		cache_recovery_compact(f->box, f->cache);
}

void
facts_release(struct facts *f)
{
	cache_reader_release(&f->reader);
	tell_mailbox(f);
	free(f->learnt);
	arena_release(&f->scratch);
	buf_release(&f->message);
}

void
facts_learn(struct facts *f, struct message_view *v)
{
	if (!v->learnt)
		return;
	v->learnt = false;
	MEM_GROW(f->learnt, f->learnt_count, &f->learnt_room);
	f->learnt[f->learnt_count++] = *v;
	if (f->learnt_count >= LEARN_AT_ONCE)
		tell_mailbox(f);
}

static void
forget_last(struct facts *f)
{
	if (f->scratch.used > SCRATCH_KEPT) {
		arena_release(&f->scratch);
		arena_init(&f->scratch, 16u << 10);
	} else {
		arena_reset(&f->scratch);
	}
}

/* Sizes as the content has them replace what is not known yet. */
static void
believe_record(struct facts *f, struct message_view *v, const struct cache_record *record)
{
	if (!v->vsize_known) {
		v->vsize = record->served_size;
		v->vsize_known = true;
		v->learnt = true;
	}
	facts_learn(f, v);
}

void
facts_make(struct facts *f, struct message_view *v, struct span message, bool raw,
    struct cache_record *out)
{
	forget_last(f);
	if (!cache_walked(f->cache))
		cache_recovery_run(f->box, f->cache);
	cache_record_make(&f->scratch, v->uid, message, raw, out);
	uint64_t at = cache_add_record(f->cache, out);
	if (at) {
		v->cache_at = at;
		v->learnt = true;
	}
	believe_record(f, v, out);
}

static bool
from_cache(struct facts *f, struct message_view *v, struct cache_record *out)
{
	return v->size_known && cache_read(&f->reader, v->cache_at, v->uid, v->size, out);
}

/* After an unclean stop nobody remembers the newest offsets. */
static bool
from_recovered_cache(struct facts *f, struct message_view *v, struct cache_record *out)
{
	if (cache_walked(f->cache))
		return false;
	cache_recovery_run(f->box, f->cache);
	mailbox_lock_read(f->box);
	struct message *m = mailbox_find(f->box, v->uid);
	v->cache_at = m ? m->cache_at : 0;
	mailbox_unlock(f->box);
	return from_cache(f, v, out);
}

static struct status
from_file(struct facts *f, struct message_view *v, struct cache_record *out)
{
	struct message_file file;
	struct status st = message_file_open(f->box, v, &file);

	if (!status_ok(st))
		return st;
	st = message_file_read(&file, 0, file.size, &f->message);
	message_file_close(&file);
	if (status_ok(st)) {
		if (f->message.len < v->size) {	/* it became shorter while we read */
			v->size = f->message.len;
			v->learnt = true;
		}
		facts_make(f, v, buf_view(&f->message), file.raw, out);
	}
	if (f->message.room > SCRATCH_KEPT)
		buf_release(&f->message);
	return st;
}

struct status
facts_get(struct facts *f, struct message_view *v, struct cache_record *out)
{
	if (from_cache(f, v, out) || from_recovered_cache(f, v, out)) {
		metric_add(&hits, 1);
		believe_record(f, v, out);
		return STATUS_FINE;
	}
	metric_add(&misses, 1);
	return from_file(f, v, out);
}

void
facts_keep(struct mailbox *box, uint32_t uid, struct span message, bool raw)
{
	struct cache *cache = mailbox_extra(box, &cache_extra);

	if (!cache_walked(cache))
		cache_recovery_run(box, cache);
	uint64_t at = cache_add(cache, uid, message, raw);
	if (!at)
		return;
	mailbox_lock_write(box);
	struct message *m = mailbox_find(box, uid);
	if (m) {
		m->cache_at = at;
		mailbox_learned(box);
	}
	uint64_t messages = mailbox_present(box)->size;
	mailbox_unlock(box);
	/* Messages that come and go may never be fetched. */
	if (cache_wants_compaction(cache, messages))
		cache_recovery_compact(box, cache);
}
