/*
 * message_file - a message's file, open for reading
 *
 * Opening checks what the file's name says of its size. A name that is wrong
 * is not believed in anything: the message is then served with CRLF line ends
 * and its size as served is unknown.
 */
#ifndef READ_MESSAGE_FILE_H
#define READ_MESSAGE_FILE_H

#include "storesvc/read/message_view.h"

struct message_file {
	int fd;				/* -1: not open                 */
	bool raw;			/* served exactly as stored     */
	uint64_t size;			/* bytes on disk                */
	/* What makes it this file and no other, for remembered places. */
	uint64_t device, inode;
	int64_t changed_ns;
};

#define MESSAGE_FILE_CLOSED ((struct message_file){ .fd = -1 })

/* NOT_FOUND: the message is gone. `v` learns size and date. */
MUST_USE struct status message_file_open(struct mailbox *box, struct message_view *v,
    struct message_file *out);
void message_file_close(struct message_file *file);

/* `len` bytes from `at`, or up to the end, replacing what `out` holds. UNAVAILABLE: unreadable, logged. */
MUST_USE struct status message_file_read(const struct message_file *file, uint64_t at, uint64_t len,
    struct buf *out);

/* When the message arrived: asks the directory if `v` does not know. NOT_FOUND: gone. */
MUST_USE struct status message_received(struct mailbox *box, struct message_view *v);

#endif
