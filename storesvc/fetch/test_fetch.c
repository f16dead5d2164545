/*
 * test_fetch.c - whole FETCHes, pull by pull, for tests
 */
#include "storesvc/fetch/test_fetch.h"

#include "base/panic.h"

#define MOST_PULLS 1000000

void
test_fetch_init(struct test_fetch *f, struct test_box *t, struct arena *a, uint32_t first, uint32_t last)
{
	*f = (struct test_fetch){ .t = t, .arena = a };
	posthouse__fetch_request__init(&f->request);
	posthouse__mailbox_ref__init(&f->box);
	posthouse__run__init(&f->run);
	f->run.first = first;
	f->run.last = last;
	f->run.seq = first;
	f->runs[0] = &f->run;
	f->request.box = &f->box;
	f->request.messages = f->runs;
	f->request.n_messages = 1;
	f->request.items = f->items;
	uidset_init(&f->told);
}

void
test_fetch_release(struct test_fetch *f)
{
	uidset_release(&f->told);
}

static Posthouse__FetchItem__Kind
kind_of(struct span name)
{
	static const char *const names[] = {
		"FLAGS", "UID", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "SECTION", "MODSEQ",
	};

	for (int i = 0; i < 9; i++)
		if (span_eq(name, span_str(names[i])))
			return (Posthouse__FetchItem__Kind)i;
	panic("no FETCH item is called %.*s", (int)name.len, name.at);
}

static void
read_fields(struct test_fetch *f, Posthouse__Section *s, struct span list)
{
	s->fields = ARENA_ARRAY(f->arena, 16, char *);
	while (list.at && list.len) {
		struct span name = span_cut(&list, ' ');
		s->fields[s->n_fields++] = arena_strndup(f->arena, name.at, name.len);
	}
}

/* "1.2.HEADER.FIELDS (To Cc)" */
static void
read_section(struct test_fetch *f, Posthouse__Section *s, struct span text)
{
	static const char *const names[] = { "", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME" };
	uint64_t number;

	assert_that(text.at);
	s->part = ARENA_ARRAY(f->arena, 200, uint32_t);
	while (text.len && ascii_digit(text.at[0])) {
		assert_that(span_number(span_cut(&text, '.'), UINT32_MAX, &number));
		s->part[s->n_part++] = (uint32_t)number;
	}
	size_t open = span_index(text, '(');
	if (open < text.len)
		read_fields(f, s, span_of(text.at + open + 1, text.len - open - 2));
	struct span name = span_trim(span_head(text, open));
	for (int i = 0; i < 6; i++)
		if (span_eq(name, span_str(names[i])))
			s->kind = (Posthouse__Section__Kind)i;
}

void
test_fetch_item(struct test_fetch *f, const char *text)
{
	Posthouse__FetchItem *item = ARENA_NEW(f->arena, Posthouse__FetchItem);
	struct span s = span_str(text);
	size_t open = span_index(s, '['), close = span_rindex(s, ']');

	posthouse__fetch_item__init(item);
	f->items[f->request.n_items++] = item;
	assert_that(f->request.n_items <= 32);
	if (open == s.len) {
		item->kind = kind_of(s);
		return;
	}
	item->kind = POSTHOUSE__FETCH_ITEM__KIND__SECTION;
	item->peek = span_starts(s, SPAN_LIT("BODY.PEEK"));
	item->section = ARENA_NEW(f->arena, Posthouse__Section);
	posthouse__section__init(item->section);
	read_section(f, item->section, span_of(s.at + open + 1, close - open - 1));
	struct span partial = span_skip(s, close + 1);
	struct span label = span_of(s.at + open, close + 1 - open);
	item->label = arena_printf(f->arena, "BODY%.*s", (int)label.len, label.at);
	if (partial.len) {
		item->has_partial = true;
		partial = span_of(partial.at + 1, partial.len - 2);
		assert_that(span_number(span_cut(&partial, '.'), UINT64_MAX, &item->partial_offset));
		assert_that(span_number(partial, UINT64_MAX, &item->partial_length));
		item->label = arena_printf(f->arena, "%s<%llu>", item->label, (unsigned long long)item->partial_offset);
	}
}

struct span
test_fetch_run(struct test_fetch *f)
{
	Posthouse__FetchReply reply = POSTHOUSE__FETCH_REPLY__INIT;
	struct buf all;
	uint64_t modseq;

	buf_init(&all, 0);
	f->pulls = 0;
	f->missing = 0;
	f->request.cursor = NULL;
	do {
		struct rpc_attachment bytes = { 0 };
		posthouse__fetch_reply__init(&reply);
		assert_that(status_ok(fetch_pull(f->t->box, &f->request, f->arena, &bytes, &reply, &f->told, &modseq)));
		buf_span(&all, bytes.bytes);
		f->missing += reply.missing;
		f->request.cursor = reply.next;
		rpc_attachment_release(&bytes);
		assert_that(++f->pulls < MOST_PULLS);
		if (f->between && reply.more)
			f->between(f, f->pulls);
	} while (reply.more);
	struct span answer = arena_span(f->arena, buf_view(&all));
	buf_release(&all);
	return answer;
}

struct span
test_fetch_literal(struct span answer)
{
	size_t open = span_index(answer, '{'), close = span_index(answer, '}');
	uint64_t size;

	if (close == answer.len)
		return span_of(NULL, 0);
	assert_that(span_number(span_of(answer.at + open + 1, close - open - 1), answer.len, &size));
	return span_head(span_skip(answer, close + 3), (size_t)size);
}
