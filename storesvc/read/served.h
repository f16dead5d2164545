/*
 * served - a stretch of a message's file as IMAP sends it
 *
 * Bytes on disk go out as they are when the message is raw; otherwise each lone
 * LF goes out as CRLF. The position is known in both countings, so reading may
 * stop anywhere and go on in another call without counting again.
 *
 *	served_init(&s);
 *	served_begin(&s, &file, range);
 *	served_skip(&s, offset);
 *	while ((n = served_read(&s, out, room)) > 0) ...
 *	served_release(&s);
 */
#ifndef READ_SERVED_H
#define READ_SERVED_H

#include "mail/mime_table.h"
#include "storesvc/read/message_file.h"

struct served {
	const struct message_file *file;	/* borrowed: stays open while reading  */
	uint64_t begin, end;		/* on disk                             */
	uint64_t disk, served;		/* where we are; `served` counts from `begin` */
	bool in_crlf;			/* the CR of the LF at `disk` is out already */
	char *chunk;			/* bytes of the file from chunk_at on  */
	size_t chunk_len;
	uint64_t chunk_at;
};

void served_init(struct served *s);
void served_release(struct served *s);

/* The first byte of the range comes next. */
void served_begin(struct served *s, const struct message_file *file, struct mime_range range);
/* Go on at a place known from before. */
void served_go(struct served *s, uint64_t disk, uint64_t served);
/* Forward to that many bytes from the begin, as served; or to the end. */
void served_skip(struct served *s, uint64_t served);

/* Up to `room` bytes; 0 at the end, and where the file cannot be read (logged). */
size_t served_read(struct served *s, char *out, size_t room);

/*
 * Is the place between a CR that is not in the file and its LF? Then one byte
 * back, so that `disk` alone tells where to go on. Returns the bytes taken back: 0 or 1.
 */
size_t served_untear(struct served *s);

#endif
