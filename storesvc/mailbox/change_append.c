/*
 * change_append.c - a new message
 *
 * Its file is complete and synced elsewhere; the rename into cur/ gives the UID.
 * The OK waits for an fsync of cur/, which appends at the same time share.
 */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/name.h"
#include "storesvc/mailbox/inside.h"

/* The file's name with its UID; write lock held. */
static struct status
put_in_place(struct mailbox *box, const struct arrival *arrival, const char *unique, uint32_t *out_uid)
{
	struct maildir_name name = { .base = span_str(unique), .has_size = true, .has_vsize = true,
		.size = arrival->size, .vsize = arrival->vsize };
	char file[MESSAGE_FILE_MAX];
	struct buf base;

	uint32_t uid = floors_uid(box);
	uint32_t flagset = messages_flagset(box, arrival->flags.letters, arrival->flags.high,
	    arrival->flags.high_count);
	buf_init(&base, 0);
	maildir_name_with_uid(&base, &name, uid, box->identity.tag);
	snprintf(file, sizeof(file), "%.*s:2,%s", (int)base.len, base.at, mailbox_flagset(box, flagset)->suffix);
	struct status st = STATUS_FINE;
	fence_check();
	if (renameat(arrival->dir, arrival->file, box->cur, file) < 0) {
		int error = errno;
		st = io_status(error, "rename", arrival->file);
		if (st.code == STATUS_NOT_FOUND)
			st = status_make(STATUS_UNAVAILABLE, "Storage trouble, try again later");
	} else {
		struct message *m = messages_add(box, uid, buf_view(&base), flagset, floors_modseq(box));
		m->size = arrival->size;
		m->vsize = arrival->vsize;
		m->size_known = m->vsize_known = true;
		m->received = arrival->received;
		*out_uid = uid;
	}
	buf_release(&base);
	return st;
}

/* Its keywords beyond the letters, then its name. */
static struct status
make_message_durable(struct mailbox *box, uint32_t uid, bool has_high)
{
	struct status st = STATUS_FINE;

	if (has_high) {
		struct uidset one = { 0 };
		uidset_add(&one, uid, uid);
		st = keyword_log_append(box, &one);
		uidset_release(&one);
	}
	if (status_ok(st) && box->policy.fsync != FSYNC_NEVER)
		st = dir_sync(&box->sync_cur, box->cur);
	return st;
}

struct status
mailbox_append(struct mailbox *box, const struct arrival *arrival, uint32_t *out_uid)
{
	char unique[MAILDIR_UNIQUE_MAX];

	maildir_name_unique(unique, arrival->mark);
	struct status st = floors_lock(box, 1, 1);
	if (!status_ok(st))
		return st;
	st = put_in_place(box, arrival, unique, out_uid);
	mailbox_unlock(box);
	if (!status_ok(st))
		return st;
	st = make_message_durable(box, *out_uid, arrival->flags.high_count > 0);
	box->hooks->changed(box->hooks_arg, box);
	return st;
}

struct status
mailbox_append_again(struct mailbox *box, const char *mark, uint32_t *out_uid)
{
	bool has_high = false;

	*out_uid = 0;
	mailbox_lock_read(box);
	/* Most likely it is among the newest. */
	for (size_t i = box->count; i-- > 0 && !*out_uid;) {
		struct message *m = &box->messages[i];
		if (!m->gone && strstr(m->name, mark)) {
			*out_uid = m->uid;
			has_high = mailbox_flagset(box, m->flagset)->high_count > 0;
		}
	}
	mailbox_unlock(box);
	return *out_uid ? make_message_durable(box, *out_uid, has_high) : STATUS_FINE;
}
