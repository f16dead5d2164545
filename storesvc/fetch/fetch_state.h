/*
 * fetch_state - one pull of a FETCH, between its parts
 *
 * Shared by the files of fetch/ only; see fetch.h.
 */
#ifndef FETCH_FETCH_STATE_H
#define FETCH_FETCH_STATE_H

#include "storesvc/fetch/fetch_batch.h"
#include "storesvc/fetch/fetch_out.h"
#include "storesvc/fetch/fetch_plan.h"
#include "storesvc/read/facts.h"
#include "storesvc/read/served.h"

struct fetch {
	struct mailbox *box;
	const struct fetch_plan *plan;
	struct fetch_out out;
	size_t limit;			/* bytes after which a pull ends                */
	struct facts facts;
	struct served served;
	struct buf bytes;		/* of a header, from the file                   */
	struct buf selected;		/* fields of it                                 */
	struct arena scratch;		/* the MIME table of the message                */

	/* The message at hand. */
	struct fetch_message *m;
	struct message_file file;
	struct cache_record record;
	bool has_record, has_table;
	struct mime_table table;
	bool lost;			/* it vanished while it was being sent          */

	/* How far it is; becomes the cursor. */
	uint32_t item;			/* 0: not begun; else 1 + the step              */
	uint64_t offset, file_offset, length;
};

/* Is there room for more in this pull? */
static inline bool
fetch_is_full(const struct fetch *f)
{
	return f->out.total >= f->limit;
}

/* The record, the MIME table and the file of the message at hand; NOT_FOUND: gone. */
MUST_USE struct status fetch_need_record(struct fetch *f);
MUST_USE struct status fetch_need_table(struct fetch *f);
MUST_USE struct status fetch_need_file(struct fetch *f);

/* Does this step need the file? The record is there if the plan wants it. */
bool fetch_step_needs_file(const struct fetch *f, const struct fetch_step *step);

/* Where the bytes of a step come from. */
enum fetch_from {
	FETCH_FROM_NOWHERE,		/* there is no such part: NIL      */
	FETCH_FROM_BYTES,
	FETCH_FROM_FILE
};
struct fetch_source {
	enum fetch_from from;
	bool literal;			/* "{n}" first                     */
	struct span bytes;
	struct mime_range range;
	uint64_t start, size;		/* as served: what of it, how much */
};
MUST_USE struct status fetch_section_find(struct fetch *f, const struct fetch_step *step,
    struct fetch_source *out);

/* Sends as much as there is room for. True: all of it. */
MUST_USE bool fetch_send(struct fetch *f, const struct fetch_source *source);
/* The rest of what was announced for a message that is lost. True: all of it. */
MUST_USE bool fetch_send_filler(struct fetch *f);

/* FLAGS, UID, INTERNALDATE, RFC822.SIZE, MODSEQ. */
void fetch_send_simple(struct fetch *f, const struct fetch_step *step);
/* "(\Seen $Label1)" of the message at hand. */
void fetch_send_flags(struct fetch *f);

#endif
