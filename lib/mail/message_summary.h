/*
 * message_summary - all that the cache keeps of a message, in one call
 *
 * storesvc calls this once in the life of a message, with its bytes (mapped or
 * read), and writes the spans to its cache as they are.
 */
#ifndef MAIL_MESSAGE_SUMMARY_H
#define MAIL_MESSAGE_SUMMARY_H

#include "base/arena.h"
#include "mail/date.h"

struct message_summary {
	struct span envelope;		/* bytes IMAP sends, in the arena             */
	struct span body;
	struct span bodystructure;
	struct span mime_table;		/* for mime_table_decode                      */
	struct mail_date sent;		/* the Date field, when has_sent              */
	bool has_sent;
	uint64_t header_len;		/* on disk, empty line included               */
	uint64_t header_size;		/* as served                                  */
	uint64_t size;			/* RFC822.SIZE: header and body as served     */
};

/* `raw`: served as it is; otherwise each lone LF counts and is served as CRLF. */
void message_summary(struct arena *a, struct span message, bool raw, struct message_summary *out);

#endif
