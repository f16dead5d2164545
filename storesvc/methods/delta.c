/*
 * delta.c - what happened in a mailbox since a MODSEQ
 *
 * The cost is that of the changes, not of the mailbox. A delta that would be too
 * large for one answer ends at a MODSEQ short of the highest; the next begins there.
 */
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/methods/method.h"

#define CHANGES_MOST 65536

void
changes_begin(struct changes_builder *b, struct arena *a, struct mailbox *box, size_t most)
{
	*b = (struct changes_builder){ .arena = a, .box = box, .room = most };
	b->changes = ARENA_NEW(a, Posthouse__Changes);
	posthouse__changes__init(b->changes);
	b->changes->uid = ARENA_ARRAY(a, most, uint32_t);
	b->changes->modseq = ARENA_ARRAY(a, most, uint64_t);
	b->changes->flags = ARENA_ARRAY(a, most, uint32_t);
	b->changes->flag_lists = ARENA_ARRAY(a, mailbox_flagset_count(box), char *);
	b->list_of = ARENA_ARRAY(a, mailbox_flagset_count(box), uint32_t);
}

/* Flag sets live as long as the mailbox, which may be closed before the answer is packed: texts are copied. */
void
changes_add(struct changes_builder *b, const struct message *m)
{
	Posthouse__Changes *c = b->changes;
	uint32_t *list = &b->list_of[m->flagset];

	if (!*list) {
		const struct flagset *set = mailbox_flagset(b->box, m->flagset);
		c->flag_lists[c->n_flag_lists++] = arena_strndup(b->arena, set->text, set->text_len);
		*list = (uint32_t)c->n_flag_lists;
	}
	c->uid[c->n_uid++] = m->uid;
	c->modseq[c->n_modseq++] = m->modseq;
	c->flags[c->n_flags++] = *list - 1;
}

static bool
is_own(const struct own_changes *own, const struct message *m)
{
	return own && m->modseq >= own->first && m->modseq <= own->last && uidset_has(&own->uids, m->uid);
}

/* How many changes go into this delta: whole MODSEQs only. */
static size_t
count_changes(struct mailbox *box, uint64_t since, const struct own_changes *own, uint64_t *out_modseq)
{
	size_t count = 0, whole = 0;
	uint64_t at = since;

	*out_modseq = mailbox_modseq(box);
	for (struct message *m = mailbox_changed(box, since); m; m = mailbox_changed_after(box, m)) {
		if (m->modseq != at) {
			if (count > CHANGES_MOST && whole) {
				*out_modseq = at;
				return count;
			}
			whole = count;
			at = m->modseq;
		}
		count += !is_own(own, m);
	}
	return count;
}

static void
add_changes(struct method *m, struct mailbox *box, uint64_t since, const struct own_changes *own,
    Posthouse__Delta *delta)
{
	struct changes_builder b;
	size_t count = count_changes(box, since, own, &delta->modseq);

	if (count == 0)
		return;
	changes_begin(&b, m->arena, box, count);
	for (struct message *c = mailbox_changed(box, since); c && b.changes->n_uid < count;
	    c = mailbox_changed_after(box, c)) {
		if (!is_own(own, c))
			changes_add(&b, c);
	}
	delta->changed = b.changes;
}

void
method_keywords(struct method *m, struct mailbox *box, uint32_t known, size_t *out_count, char ***out_names)
{
	const struct keywords *keywords = mailbox_keywords(box);
	size_t count = 0;

	for (size_t i = 0; i < keywords->count; i++)
		count += keywords->names[i] != NULL;
	if (count <= known)
		return;
	*out_names = ARENA_ARRAY(m->arena, count, char *);
	*out_count = 0;
	for (size_t i = 0; i < keywords->count; i++) {
		if (keywords->names[i])
			(*out_names)[(*out_count)++] = arena_strdup(m->arena, keywords->names[i]);
	}
}

static void
add_arrivals_and_departures(struct method *m, struct mailbox *box, uint64_t since, Posthouse__Delta *delta)
{
	struct uidset set;

	uidset_init(&set);
	if (mailbox_vanished(box, since, &set)) {
		method_runs_reply(m->arena, &set, false, &delta->n_vanished, &delta->vanished);
	} else {
		delta->reset = true;
		method_runs_reply(m->arena, mailbox_present(box), false, &delta->n_present, &delta->present);
	}
	uidset_clear(&set);
	mailbox_arrived(box, since, &set);
	method_runs_reply(m->arena, &set, false, &delta->n_arrived, &delta->arrived);
	uidset_release(&set);
}

void
method_delta_of(struct method *m, struct mailbox *box, const Posthouse__MailboxRef *ref,
    const struct own_changes *own, Posthouse__Delta **out)
{
	uint64_t since = ref->since_modseq;

	*out = NULL;
	if (since == 0)
		return;
	Posthouse__Delta *delta = ARENA_NEW(m->arena, Posthouse__Delta);
	posthouse__delta__init(delta);
	mailbox_lock_read(box);
	delta->modseq = mailbox_modseq(box);
	delta->uidnext = mailbox_uidnext(box);
	/* From the future: a backup was restored. Nothing the caller knows can be built upon. */
	if (since > delta->modseq)
		since = 0;
	if (delta->modseq > since) {
		add_arrivals_and_departures(m, box, since, delta);
		add_changes(m, box, since, own, delta);
	}
	method_keywords(m, box, ref->keyword_count, &delta->n_keywords, &delta->keywords);
	bool arrived = delta->n_arrived || delta->reset;
	delta->recent_from = arrived ? mailbox_recent_from(box) : 0;
	mailbox_unlock(box);
	if (arrived && !ref->read_only)
		delta->recent_from = mailbox_take_recent(box, delta->uidnext);
	*out = delta;
}

void
method_delta(struct method *m, const Posthouse__MailboxRef *ref, const struct own_changes *own,
    Posthouse__Delta **out)
{
	method_delta_of(m, m->box, ref, own, out);
}
