/*
 * journal.c - the file posthouse-journal: writing it
 *
 * What changed since the index was written, so that a kill -9 costs no more than a clean
 * stop. A batch is written when the write lock is given back, before anybody can see
 * what was done under it: what no batch tells, nobody was told. The page cache
 * keeps it when the process dies; when the machine does, boot_id shows it and it
 * is not believed.
 */
#include "storesvc/mailbox/inside.h"

#include <sys/random.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/log.h"
#include "base/panic.h"
#include "storesvc/fence/fence.h"
#include "storesvc/mailbox/journal_format.h"

static char this_boot[BOOT_ID_SIZE];

static void
read_boot_id(void)
{
	struct buf text;

	buf_init(&text, 0);
	if (status_ok(io_read_path("/proc/sys/kernel/random/boot_id", 4096, &text)))
		snprintf(this_boot, sizeof(this_boot), "%.*s", (int)text.len, text.at);
	buf_release(&text);
}

/* Empty when the kernel does not tell: then no journal is believed. */
const char *
journal_boot_id(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_boot_id);
	return this_boot;
}

void
journal_init(struct journal *j)
{
	*j = (struct journal){ .fd = -1 };
	assert_that(getrandom(&j->base, sizeof(j->base), 0) == sizeof(j->base));
}

void
journal_release(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->items);
	*j = (struct journal){ .fd = -1 };
}

/* From here on what happens is noted. Whatever was in the file is in the index by now. */
void
journal_begin(struct mailbox *box)
{
	struct journal *j = &box->journal;
	struct journal_header header = { .magic = JOURNAL_MAGIC, .base = j->base };

	snprintf(header.boot_id, sizeof(header.boot_id), "%s", journal_boot_id());
	fence_check();
	int fd;
	if (!status_ok(io_open_file(box->dir, JOURNAL_FILE, IO_APPEND, &fd, NULL)))
		return;
	if (ftruncate(fd, 0) < 0 || !io_write_all(fd, span_of(&header, sizeof(header)))) {
		log_warn("cannot begin a journal: %m");
		close(fd);
		unlinkat(box->dir, JOURNAL_FILE, 0);
		return;
	}
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	j->size = sizeof(header);
	j->modseq = box->modseq;
}

/* A journal with a hole must not be believed. */
static void
give_up(struct mailbox *box)
{
	struct journal *j = &box->journal;

	fence_check();
	unlinkat(box->dir, JOURNAL_FILE, 0);
	close(j->fd);
	j->fd = -1;
	j->size = 0;
	j->count = 0;
}

void
journal_end(struct mailbox *box)
{
	if (box->journal.fd >= 0)
		give_up(box);
}

void
journal_note(struct mailbox *box, int kind, uint32_t uid, uint64_t modseq)
{
	struct journal *j = &box->journal;

	if (j->fd < 0)
		return;
	MEM_GROW(j->items, j->count, &j->room);
	j->items[j->count++] = (struct journal_item){ kind, uid, modseq };
}

static void
add_filled(struct buf *out, const void *bytes, size_t len)
{
	static const uint64_t zero;

	if (len)
		buf_add(out, bytes, len);
	buf_add(out, &zero, -len % sizeof(zero));
}

static void
print_gone(const struct journal_item *item, struct buf *out)
{
	struct journal_record r = { .kind = JOURNAL_GONE, .uid = item->uid, .modseq = item->modseq };

	buf_add(out, &r, sizeof(r));
}

/* As the message is now. One that went under the same lock has a record of its own for that. */
static void
print_item(struct mailbox *box, const struct journal_item *item, struct buf *out)
{
	const struct message *m = mailbox_find(box, item->uid);

	if (item->kind == JOURNAL_GONE) {
		print_gone(item, out);
		return;
	}
	if (!m)
		return;
	const struct flagset *set = mailbox_flagset(box, m->flagset);
	struct journal_record r = {
		.kind = (uint32_t)item->kind, .uid = m->uid, .modseq = item->modseq, .letters = set->letters,
		.size = m->size, .vsize = m->vsize, .received = m->received,
		.size_known = m->size_known, .vsize_known = m->vsize_known,
		.high_count = (uint32_t)set->high_count,
		.name_len = item->kind == JOURNAL_ADDED ? (uint32_t)strlen(m->name) + 1 : 0,
	};
	buf_add(out, &r, sizeof(r));
	add_filled(out, set->high, set->high_count * sizeof(*set->high));
	add_filled(out, m->name, r.name_len);
}

static bool
write_batch(struct mailbox *box)
{
	struct journal *j = &box->journal;
	struct journal_batch head = { .modseq = box->modseq };
	struct buf out;

	buf_init(&out, 0);
	buf_add(&out, &head, sizeof(head));
	for (size_t i = 0; i < j->count; i++)
		print_item(box, &j->items[i], &out);
	head.bytes = out.len - sizeof(head);
	memcpy(out.at, &head, sizeof(head));
	head.sum = XXH3_64bits(out.at + sizeof(head.sum), out.len - sizeof(head.sum));
	memcpy(out.at, &head.sum, sizeof(head.sum));
	j->size += out.len;
	fence_check();
	bool written = j->size <= JOURNAL_SIZE_MOST && io_write_all(j->fd, buf_view(&out));
	buf_release(&out);
	return written;
}

/* Write lock held, about to be given back. */
void
journal_flush(struct mailbox *box)
{
	struct journal *j = &box->journal;

	if (j->fd < 0 || (j->count == 0 && j->modseq == box->modseq))
		return;
	j->modseq = box->modseq;
	if (!write_batch(box)) {
		log_info("a journal ends: it has grown too long or cannot be written");
		give_up(box);
	}
	j->count = 0;
}
