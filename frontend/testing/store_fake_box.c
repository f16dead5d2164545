/*
 * store_fake_box - messages, flags and deltas
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/testing/store_fake.h"

static const char *const system_flags[FAKE_SYSTEM_FLAGS] = {
	"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"
};

struct fake_message *
fake_message_find(struct fake_box *box, uint32_t uid)
{
	for (size_t i = 0; i < box->count; i++)
		if (box->messages[i].uid == uid)
			return &box->messages[i];
	return NULL;
}

struct fake_message *
fake_message_add(struct fake_box *box, struct span bytes, uint64_t flags)
{
	MEM_GROW(box->messages, box->count, &box->room);
	struct fake_message *m = &box->messages[box->count++];
	*m = (struct fake_message){ .uid = box->uidnext++, .modseq = ++box->modseq, .flags = flags,
	    .received = clock_wall_s() };
	buf_init(&m->bytes, 0);
	buf_span(&m->bytes, bytes);
	return m;
}

void
fake_message_remove(struct fake_box *box, size_t index)
{
	MEM_GROW(box->vanished, box->vanished_count, &box->vanished_room);
	box->vanished[box->vanished_count].uid = box->messages[index].uid;
	box->vanished[box->vanished_count++].modseq = ++box->modseq;
	buf_release(&box->messages[index].bytes);
	memmove(&box->messages[index], &box->messages[index + 1],
	    (box->count - index - 1) * sizeof(*box->messages));
	box->count--;
}

/* --- flags ------------------------------------------------------------------------------ */

static uint64_t
flag_bit(struct fake_box *box, const char *name)
{
	for (unsigned i = 0; i < FAKE_SYSTEM_FLAGS; i++)
		if (span_eq_nocase(span_str(name), span_str(system_flags[i])))
			return 1ull << i;
	if (*name == '\\')
		return 0;	/* \Recent and the like */
	for (unsigned i = 0; i < box->keyword_count; i++)
		if (span_eq_nocase(span_str(name), span_str(box->keywords[i])))
			return 1ull << (FAKE_SYSTEM_FLAGS + i);
	assert_that(box->keyword_count < FAKE_KEYWORDS);
	box->keywords[box->keyword_count] = mem_strdup(name);
	return 1ull << (FAKE_SYSTEM_FLAGS + box->keyword_count++);
}

uint64_t
fake_flags_of(struct fake_box *box, char *const *names, size_t count)
{
	uint64_t flags = 0;
	for (size_t i = 0; i < count; i++)
		flags |= flag_bit(box, names[i]);
	return flags;
}

char *
fake_flags_text(struct arena *a, const struct fake_box *box, uint64_t flags)
{
	char *text = arena_strdup(a, "");
	for (unsigned i = 0; i < FAKE_SYSTEM_FLAGS + box->keyword_count; i++) {
		if (!(flags & 1ull << i))
			continue;
		const char *name = i < FAKE_SYSTEM_FLAGS ? system_flags[i] : box->keywords[i - FAKE_SYSTEM_FLAGS];
		text = arena_printf(a, "%s%s%s", text, *text ? " " : "", name);
	}
	return text;
}

/* --- runs and deltas ------------------------------------------------------------------------ */

void
fake_run_add(struct arena *a, Posthouse__Run ***runs, size_t *count, uint32_t uid, uint32_t seq)
{
	Posthouse__Run *last = *count ? (*runs)[*count - 1] : NULL;
	if (last && last->last + 1 == uid) {
		last->last = uid;
		return;
	}
	Posthouse__Run **longer = ARENA_ARRAY(a, *count + 1, Posthouse__Run *);
	if (*count)
		memcpy(longer, *runs, *count * sizeof(*longer));
	Posthouse__Run *run = longer[*count] = ARENA_NEW(a, Posthouse__Run);
	posthouse__run__init(run);
	run->first = run->last = uid;
	run->seq = seq;
	*runs = longer;
	++*count;
}

bool
fake_runs_have(Posthouse__Run *const *runs, size_t count, uint32_t uid)
{
	for (size_t i = 0; i < count; i++)
		if (uid >= runs[i]->first && uid <= runs[i]->last)
			return true;
	return false;
}

Posthouse__Changes *
fake_changes(struct arena *a, const struct fake_box *box, uint64_t since, uint64_t own)
{
	Posthouse__Changes *c = ARENA_NEW(a, Posthouse__Changes);
	posthouse__changes__init(c);
	c->uid = ARENA_ARRAY(a, box->count, uint32_t);
	c->modseq = ARENA_ARRAY(a, box->count, uint64_t);
	c->flags = ARENA_ARRAY(a, box->count, uint32_t);
	c->flag_lists = ARENA_ARRAY(a, box->count, char *);
	for (size_t i = 0; i < box->count; i++) {
		const struct fake_message *m = &box->messages[i];
		if (m->modseq <= since || (own && m->modseq == own))
			continue;
		c->uid[c->n_uid++] = m->uid;
		c->modseq[c->n_modseq++] = m->modseq;
		c->flags[c->n_flags++] = (uint32_t)c->n_flag_lists;
		c->flag_lists[c->n_flag_lists++] = fake_flags_text(a, box, m->flags);
	}
	return c;
}

static void
delta_vanished(struct store_fake *f, struct arena *a, struct fake_box *box, Posthouse__Delta *d, uint64_t since)
{
	d->reset = f->forgetful;
	for (size_t i = 0; i < box->count && d->reset; i++)
		fake_run_add(a, &d->present, &d->n_present, box->messages[i].uid, 0);
	for (size_t i = 0; i < box->vanished_count && !d->reset; i++)
		if (box->vanished[i].modseq > since)
			fake_run_add(a, &d->vanished, &d->n_vanished, box->vanished[i].uid, 0);
}

Posthouse__Delta *
fake_delta(struct store_fake *f, struct arena *a, struct fake_box *box,
    const Posthouse__MailboxRef *ref, uint64_t own)
{
	if (!ref || !ref->since_modseq)
		return NULL;
	Posthouse__Delta *d = ARENA_NEW(a, Posthouse__Delta);
	posthouse__delta__init(d);
	d->modseq = box->modseq;
	d->uidnext = box->uidnext;
	d->recent_from = 1;	/* all that arrive */
	delta_vanished(f, a, box, d, ref->since_modseq);
	/* Which of the changed ones are new the caller knows; those of them it knows already do no harm. */
	for (size_t i = 0; i < box->count; i++)
		if (box->messages[i].modseq > ref->since_modseq)
			fake_run_add(a, &d->arrived, &d->n_arrived, box->messages[i].uid, 0);
	d->changed = fake_changes(a, box, ref->since_modseq, own);
	if (box->keyword_count > ref->keyword_count) {
		d->n_keywords = box->keyword_count;
		d->keywords = box->keywords;
	}
	return d;
}

void
fake_changed(struct store_fake *f, struct fake_box *box)
{
	if (f->on_change)
		f->on_change(f->arg, box->account, box->id, box->modseq);
}
