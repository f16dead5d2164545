/*
 * mailbox_look.c - looking at an open mailbox, and at its messages' files
 */
#include "base/io_open.h"
#include "storesvc/mailbox/inside.h"

#define OPEN_TRIES 4

void
mailbox_ref(struct mailbox *box)
{
	atomic_fetch_add(&box->refs, 1);
}

void
mailbox_put(struct mailbox **box)
{
	if (*box)
		atomic_fetch_sub(&(*box)->refs, 1);
	*box = NULL;
}

bool
mailbox_unused(const struct mailbox *box)
{
	return atomic_load(&box->refs) == 1;
}

void
mailbox_lock_read(struct mailbox *box)
{
	pthread_rwlock_rdlock(&box->lock);
}

void
mailbox_lock_write(struct mailbox *box)
{
	pthread_rwlock_wrlock(&box->lock);
}

/* What was done under the write lock is in the journal before anybody sees it. Readers have nothing to flush. */
void
mailbox_unlock(struct mailbox *box)
{
	journal_flush(box);
	pthread_rwlock_unlock(&box->lock);
}

const char *
mailbox_id(const struct mailbox *box)
{
	return box->identity.id;
}

uint32_t
mailbox_uidvalidity(const struct mailbox *box)
{
	return box->identity.uidvalidity;
}

const char *
mailbox_special_use(const struct mailbox *box)
{
	return box->identity.special_use;
}

int
mailbox_dir(const struct mailbox *box)
{
	return box->dir;
}

int
mailbox_cur(const struct mailbox *box)
{
	return box->cur;
}

const struct flagset *
mailbox_flagset(const struct mailbox *box, uint32_t index)
{
	return box->flagsets.sets[index];
}

size_t
mailbox_flagset_count(const struct mailbox *box)
{
	return box->flagsets.count;
}

int64_t
mailbox_keyword(const struct mailbox *box, struct span name)
{
	return keywords_find(&box->keywords, name);
}

const struct keywords *
mailbox_keywords(const struct mailbox *box)
{
	return &box->keywords;
}

const struct uidset *
mailbox_present(const struct mailbox *box)
{
	return &box->present;
}

uint32_t
mailbox_uidnext(const struct mailbox *box)
{
	return box->uidnext;
}

uint64_t
mailbox_modseq(const struct mailbox *box)
{
	return box->modseq;
}

uint32_t
mailbox_recent_from(const struct mailbox *box)
{
	return box->recent_from;
}

uint32_t
mailbox_take_recent(struct mailbox *box, uint32_t up_to)
{
	mailbox_lock_read(box);
	uint32_t from = box->recent_from;	/* it only rises */
	mailbox_unlock(box);
	if (from >= up_to)
		return up_to;
	mailbox_lock_write(box);
	from = box->recent_from < up_to ? box->recent_from : up_to;
	if (from < up_to) {
		box->recent_from = up_to;
		box->learned = true;
	}
	mailbox_unlock(box);
	return from;
}

void
mailbox_learned(struct mailbox *box)
{
	box->learned = true;
}

size_t
mailbox_memory(struct mailbox *box)
{
	mailbox_lock_read(box);
	size_t bytes = sizeof(*box) + box->room * sizeof(*box->messages) + box->names.used +
	    box->vanished.room * sizeof(*box->vanished.entries) +
	    (box->present.room + box->flagsets.count * 16) * sizeof(struct uidrun);
	mailbox_unlock(box);
	return bytes;
}

size_t
mailbox_descriptors(struct mailbox *box)
{
	mailbox_lock_read(box);
	size_t count = 2 + (box->journal.fd >= 0);
	mailbox_unlock(box);
	return count + (mailbox_extra_find(box) != NULL);
}

void
mailbox_file_name(const struct mailbox *box, const struct message *m, char *out)
{
	const struct flagset *set = box->flagsets.sets[m->flagset];
	size_t name = strlen(m->name), suffix = strlen(set->suffix);

	memcpy(out, m->name, name);
	memcpy(out + name, ":2,", 3);
	memcpy(out + name + 3, set->suffix, suffix + 1);
}

static void
fill_ref(const struct message *m, struct message_ref *ref)
{
	*ref = (struct message_ref){
		.uid = m->uid, .flagset = m->flagset, .modseq = m->modseq, .size = m->size, .vsize = m->vsize,
		.received = m->received, .cache_at = m->cache_at,
		.size_known = m->size_known, .vsize_known = m->vsize_known,
	};
	memcpy(ref->name, m->name, strlen(m->name) + 1);
}

/* Its file's name now; false: no such message. */
static bool
look_up(struct mailbox *box, uint32_t uid, struct message_ref *ref, char *file)
{
	mailbox_lock_read(box);
	struct message *m = mailbox_find(box, uid);
	if (m) {
		mailbox_file_name(box, m, file);
		if (ref)
			fill_ref(m, ref);
	}
	mailbox_unlock(box);
	return m;
}

/* First what inotify has told, then the directories themselves. */
static struct status
look_again(struct mailbox *box, int try)
{
	if (try == 0)
		return STATUS_FINE;		/* a session has renamed it: the name is known by now */
	return try == 1 ? mailbox_refresh(box) : mailbox_look_harder(box);
}

struct status
mailbox_open_message(struct mailbox *box, uint32_t uid, struct message_ref *ref, int *out_fd,
    struct stat *out_info)
{
	char file[MESSAGE_FILE_MAX];

	for (int try = 0; try < OPEN_TRIES; try++) {
		if (!look_up(box, uid, ref, file))
			break;
		struct status st = io_open_file(box->cur, file, IO_READ, out_fd, out_info);
		if (st.code != STATUS_NOT_FOUND)
			return st;
		st = look_again(box, try);
		if (!status_ok(st))
			return st;
	}
	return status_make(STATUS_NOT_FOUND, "No such message");
}

void *
mailbox_extra(struct mailbox *box, const struct mailbox_extra *what)
{
	pthread_mutex_lock(&box->extra_lock);
	if (!box->extra_kind) {
		box->extra_kind = what;
		box->extra = what->open(box);
	}
	void *extra = box->extra;
	pthread_mutex_unlock(&box->extra_lock);
	return extra;
}

void *
mailbox_extra_find(struct mailbox *box)
{
	pthread_mutex_lock(&box->extra_lock);
	void *extra = box->extra;
	pthread_mutex_unlock(&box->extra_lock);
	return extra;
}
