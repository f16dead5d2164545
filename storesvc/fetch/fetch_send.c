/*
 * fetch_send.c - the bytes of an item, as many as a pull has room for
 *
 * A literal's length is announced before its bytes, perhaps pulls before. What
 * was announced is sent, whatever happens to the file meanwhile: where bytes
 * are missing spaces stand in for them, or the client would take the rest of
 * the answer for a part of the message.
 */
#include "base/log.h"
#include "storesvc/fetch/fetch_state.h"

/* A literal may not stop between CR and LF, so there is always room for both. */
#define LEAST_ROOM 2

static uint64_t
room_for(const struct fetch *f, uint64_t left)
{
	uint64_t room = fetch_is_full(f) ? 0 : f->limit - f->out.total;

	if (room < LEAST_ROOM)
		room = LEAST_ROOM;
	return left < room ? left : room;
}

static void
announce(struct fetch *f, const struct fetch_source *source)
{
	f->length = source->size;
	if (!source->literal)
		return;
	fetch_out_lit(&f->out, "{");
	fetch_out_number(&f->out, source->size);
	fetch_out_lit(&f->out, "}\r\n");
}

static void
add_spaces(struct fetch *f, size_t count)
{
	memset(fetch_out_reserve(&f->out, count), ' ', count);
	fetch_out_commit(&f->out, count);
}

static void
send_bytes(struct fetch *f, const struct fetch_source *source)
{
	struct span rest = span_skip(source->bytes, (size_t)f->offset);
	size_t room = (size_t)room_for(f, f->length - f->offset);
	struct span now = span_head(rest, room);

	fetch_out_span(&f->out, now);
	if (now.len < room)
		add_spaces(f, room - now.len);
	f->offset += room;
}

/* The file is not what its name or the cache says: whoever asks next finds out anew. */
static void
doubt_size(struct fetch *f)
{
	struct message_view *v = &f->m->v;

	log_warn("message %u is not of the size it had: sent as announced", v->uid);
	v->vsize_known = false;
	v->cache_at = 0;
	v->learnt = true;
	facts_learn(&f->facts, v);
}

static void
begin_reading(struct fetch *f, const struct fetch_source *source)
{
	served_begin(&f->served, &f->file, source->range);
	if (f->offset)
		served_go(&f->served, f->file_offset, source->start + f->offset);
	else if (source->start)
		served_skip(&f->served, source->start);
}

static void
send_file(struct fetch *f, const struct fetch_source *source)
{
	begin_reading(f, source);
	size_t room = (size_t)room_for(f, f->length - f->offset);
	bool ends = f->offset + room == f->length;
	size_t n = served_read(&f->served, fetch_out_reserve(&f->out, room), room);
	bool too_short = n < room;
	bool too_long = ends && source->start + source->size == source->range.size &&
	    f->served.disk < f->served.end;

	if (!ends)
		n -= served_untear(&f->served);
	fetch_out_commit(&f->out, n);
	f->offset += n;
	f->file_offset = f->served.disk;
	/* Once: later pulls find nothing at all. */
	if (too_long || (too_short && (n > 0 || f->offset == 0)))
		doubt_size(f);
	if (too_short) {
		add_spaces(f, room - n);
		f->offset += room - n;
	}
}

bool
fetch_send(struct fetch *f, const struct fetch_source *source)
{
	if (f->offset == 0) {
		if (source->from == FETCH_FROM_NOWHERE) {
			fetch_out_lit(&f->out, "NIL");
			return true;
		}
		announce(f, source);
	}
	if (f->offset < f->length && source->from == FETCH_FROM_FILE)
		send_file(f, source);
	else if (f->offset < f->length)
		send_bytes(f, source);
	return f->offset >= f->length;
}

bool
fetch_send_filler(struct fetch *f)
{
	size_t missing = (size_t)room_for(f, f->length - f->offset);

	add_spaces(f, missing);
	f->offset += missing;
	return f->offset >= f->length;
}
