/*
 * fetch_section.c - which bytes of a message a section is
 */
#include "mail/header.h"
#include "storesvc/cache/cache_fields.h"
#include "storesvc/fetch/fetch_state.h"

#define WHAT(name) POSTHOUSE__SECTION__KIND__##name

struct status
fetch_need_record(struct fetch *f)
{
	if (f->has_record)
		return STATUS_FINE;
	struct status st = facts_get(&f->facts, &f->m->v, &f->record);
	f->has_record = status_ok(st);
	return st;
}

struct status
fetch_need_table(struct fetch *f)
{
	if (f->has_table)
		return STATUS_FINE;
	struct status st = fetch_need_record(f);
	if (!status_ok(st))
		return st;
	arena_reset(&f->scratch);
	if (!mime_table_decode(&f->scratch, f->record.mime_table, f->record.size, &f->table))
		return status_make(STATUS_CORRUPT, "Message structure is damaged");
	f->has_table = true;
	return STATUS_FINE;
}

struct status
fetch_need_file(struct fetch *f)
{
	return f->file.fd >= 0 ? STATUS_FINE : message_file_open(f->box, &f->m->v, &f->file);
}

static bool
is_fields(const struct fetch_step *step)
{
	return step->what == WHAT(HEADER_FIELDS) || step->what == WHAT(HEADER_FIELDS_NOT);
}

/* Fields of the message's own header that the cache keeps. */
static bool
is_cached(const struct fetch *f, const struct fetch_step *step)
{
	return step->what == WHAT(HEADER_FIELDS) && step->part_count == 0 && f->has_record &&
	    cache_fields_tell(&f->record, step->names, step->name_count);
}

bool
fetch_step_needs_file(const struct fetch *f, const struct fetch_step *step)
{
	return step->kind == POSTHOUSE__FETCH_ITEM__KIND__SECTION && !is_cached(f, step);
}

/* `all` bytes as served, less what a partial leaves out. */
static void
cut_partial(const struct fetch_step *step, uint64_t all, struct fetch_source *out)
{
	out->start = 0;
	out->size = all;
	if (!step->has_partial)
		return;
	out->start = step->from < all ? step->from : all;
	out->size = all - out->start < step->most ? all - out->start : step->most;
}

static void
source_bytes(const struct fetch_step *step, struct span bytes, struct fetch_source *out)
{
	*out = (struct fetch_source){ .from = FETCH_FROM_BYTES, .literal = true };
	cut_partial(step, bytes.len, out);
	out->bytes = span_head(span_skip(bytes, (size_t)out->start), (size_t)out->size);
}

static void
source_file(const struct fetch_step *step, struct mime_range range, struct fetch_source *out)
{
	*out = (struct fetch_source){ .from = FETCH_FROM_FILE, .literal = true, .range = range };
	cut_partial(step, range.size, out);
}

/* All of the message: its size is enough, unless nobody knows that. */
static struct status
whole_message(struct fetch *f, const struct fetch_step *step, struct fetch_source *out)
{
	struct message_view *v = &f->m->v;
	struct status st = fetch_need_file(f);

	if (status_ok(st) && !v->vsize_known)
		st = fetch_need_record(f);
	if (status_ok(st))
		source_file(step, (struct mime_range){ .at = 0, .len = v->size, .size = v->vsize }, out);
	return st;
}

static enum mime_section
table_section(const struct fetch_step *step)
{
	switch (step->what) {
	case WHAT(ALL):
		return MIME_SECTION_ALL;
	case WHAT(TEXT):
		return MIME_SECTION_TEXT;
	case WHAT(MIME):
		return MIME_SECTION_MIME;
	default:
		return MIME_SECTION_HEADER;
	}
}

static void
select_fields(struct fetch *f, const struct fetch_step *step, struct span header, struct fetch_source *out)
{
	buf_reset(&f->selected);
	header_select(header, step->names, step->name_count, step->what == WHAT(HEADER_FIELDS_NOT),
	    f->record.raw, &f->selected);
	source_bytes(step, buf_view(&f->selected), out);
}

static struct status
part_of_message(struct fetch *f, const struct fetch_step *step, struct fetch_source *out)
{
	struct mime_range range;
	struct status st = fetch_need_table(f);

	if (status_ok(st))
		st = fetch_need_file(f);
	if (!status_ok(st))
		return st;
	if (!mime_table_find(&f->table, step->part, step->part_count, table_section(step), &range)) {
		*out = (struct fetch_source){ .from = FETCH_FROM_NOWHERE };
		return STATUS_FINE;
	}
	if (!is_fields(step)) {
		source_file(step, range, out);
		return STATUS_FINE;
	}
	st = message_file_read(&f->file, range.at, range.len, &f->bytes);
	if (status_ok(st))
		select_fields(f, step, buf_view(&f->bytes), out);
	return st;
}

struct status
fetch_section_find(struct fetch *f, const struct fetch_step *step, struct fetch_source *out)
{
	if (step->what == WHAT(ALL) && step->part_count == 0)
		return whole_message(f, step, out);
	struct status st = fetch_need_record(f);
	if (!status_ok(st))
		return st;
	if (!is_cached(f, step))
		return part_of_message(f, step, out);
	select_fields(f, step, f->record.fields, out);
	return STATUS_FINE;
}
