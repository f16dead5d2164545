/*
 * index_fuzz.c - any bytes as an index file
 *
 * The checksum is made right first, or nothing would ever get past it. What is
 * accepted must be a mailbox that can be walked in every order and printed again.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/panic.h"
#include "storesvc/mailbox/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mailbox *
empty_mailbox(void)
{
	struct mailbox *box = MEM_NEW(struct mailbox);

	snprintf(box->identity.tag, sizeof(box->identity.tag), "65000000abcd");
	box->identity.uidvalidity = 0x65000000;
	pthread_rwlock_init(&box->lock, NULL);
	messages_forget(box);
	flagsets_init(&box->flagsets);
	return box;
}

static void
free_mailbox(struct mailbox *box)
{
	messages_release(box);
	flagsets_release(&box->flagsets);
	pthread_rwlock_destroy(&box->lock);
	free(box);
}

/* Walk everything there is to walk. */
static void
use(struct mailbox *box)
{
	char file[MESSAGE_FILE_MAX];
	struct uidset set;
	struct buf again;
	size_t count = 0;

	uidset_init(&set);
	buf_init(&again, 0);
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m), count++) {
		mailbox_file_name(box, m, file);
		assert_that(mailbox_find(box, m->uid) == m);
	}
	assert_that(count == mailbox_present(box)->size);
	for (struct message *m = mailbox_changed(box, 0); m; m = mailbox_changed_after(box, m))
		count--;
	assert_that(count <= mailbox_present(box)->size);
	(void)mailbox_first_unseen(box);
	(void)mailbox_vanished(box, box->vanished.since, &set);
	mailbox_arrived(box, 0, &set);
	index_print(box, &again);
	uidset_release(&set);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mailbox *box = empty_mailbox();
	uint64_t sum = XXH3_64bits(data, size);
	struct buf bytes;

	buf_init(&bytes, 0);
	buf_add(&bytes, data, size);
	buf_add(&bytes, &sum, sizeof(sum));
	if (index_parse(box, buf_view(&bytes)))
		use(box);
	else
		assert_that(box->count == 0 && box->flagsets.count == 1);
	buf_release(&bytes);
	free_mailbox(box);
	return 0;
}
