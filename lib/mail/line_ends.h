/*
 * line_ends - CRLF to LF on the way to disk, LF to CRLF on the way out
 *
 * Both work on pieces. A CRLF that is there already stays as it is, so
 * "as served" always means: each LF has exactly one CR before it.
 */
#ifndef MAIL_LINE_ENDS_H
#define MAIL_LINE_ENDS_H

#include "base/buf.h"
#include "base/span.h"

/*
 * CRLF to LF. A CR at the end of a piece waits in `after_cr` for the next;
 * CRs not before an LF are kept.
 */
struct crlf_to_lf {
	bool after_cr;
};

/* Writes to `out`, which has room for in.len + 1 bytes; returns how many. `out` may be in.at when !after_cr. */
size_t crlf_to_lf(struct crlf_to_lf *c, struct span in, char *out);
/* A CR that was the message's last byte; `out` has room for one. */
size_t crlf_to_lf_finish(struct crlf_to_lf *c, char *out);

/*
 * A place in a text: so many bytes on disk, so many as served. `in_crlf`: the
 * CR that is put before the LF at `disk` is counted in `served` already.
 */
struct line_place {
	uint64_t disk, served;
	bool in_crlf;
};

/*
 * Go forward from *place (all zero at the start of `text`) until `served` bytes
 * as served are passed, or to the end. Keeping the place of the last partial
 * fetch makes a client that fetches a message in slices pay once for it.
 */
void line_place_seek(struct line_place *place, struct span text, uint64_t served);

/*
 * The next `room` bytes as served, or fewer at the end of `text`; returns how
 * many and moves *place.
 */
size_t lf_to_crlf(struct line_place *place, struct span text, char *out, size_t room);

/* All of `text` as served, added to `out`. */
void lf_to_crlf_all(struct span text, struct buf *out);

/* Bytes of `text` as served, and its line ends, when it starts a line. */
uint64_t line_ends_served_size(struct span text, uint32_t *out_lines);

#endif
