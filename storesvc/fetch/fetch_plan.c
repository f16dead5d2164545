/*
 * fetch_plan.c - what a FETCH asks of each message, worked out once per pull
 */
#include "storesvc/fetch/fetch_plan.h"

#define KIND(name) POSTHOUSE__FETCH_ITEM__KIND__##name
#define WHAT(name) POSTHOUSE__SECTION__KIND__##name

/* What a caller without wishes of its own gets to see. */
static const char *const names[] = {
	[KIND(FLAGS)] = "FLAGS", [KIND(UID)] = "UID", [KIND(INTERNALDATE)] = "INTERNALDATE",
	[KIND(RFC822_SIZE)] = "RFC822.SIZE", [KIND(ENVELOPE)] = "ENVELOPE", [KIND(BODY)] = "BODY",
	[KIND(BODYSTRUCTURE)] = "BODYSTRUCTURE", [KIND(MODSEQ)] = "MODSEQ", [KIND(SECTION)] = "BODY[]",
};

static struct span
label_of(struct arena *a, const Posthouse__FetchItem *item)
{
	const char *text = item->label && *item->label ? item->label : names[item->kind];

	return span_str(arena_printf(a, " %s ", text));
}

static void
plan_section(struct arena *a, const Posthouse__FetchItem *item, struct fetch_step *step,
    struct fetch_plan *plan)
{
	const Posthouse__Section *s = item->section;
	struct span *fields;

	step->has_partial = item->has_partial;
	step->from = item->partial_offset;
	step->most = item->partial_length;
	plan->sets_seen |= !item->peek;
	if (s) {
		step->what = s->kind;
		step->part = s->part;
		step->part_count = s->n_part;
		step->name_count = s->n_fields;
		step->names = fields = ARENA_ARRAY(a, s->n_fields, struct span);
		for (size_t i = 0; i < s->n_fields; i++)
			fields[i] = span_str(s->fields[i]);
	}
	plan->wants_record |= step->part_count > 0 || step->what != WHAT(ALL);
	plan->wants_bodies |= step->what == WHAT(ALL) || step->what == WHAT(TEXT);
}

static bool
is_legal(const Posthouse__FetchItem *item)
{
	if ((unsigned)item->kind >= sizeof(names) / sizeof(*names))
		return false;
	if (item->kind != KIND(SECTION) || !item->section)
		return true;
	switch (item->section->kind) {
	case WHAT(ALL): case WHAT(HEADER): case WHAT(HEADER_FIELDS): case WHAT(HEADER_FIELDS_NOT): case WHAT(TEXT):
		return true;
	case WHAT(MIME):
		return item->section->n_part > 0;
	default:
		return false;
	}
}

static void
plan_item(struct arena *a, const Posthouse__FetchItem *item, struct fetch_step *step, struct fetch_plan *plan)
{
	step->kind = item->kind;
	step->label = label_of(a, item);
	switch (item->kind) {
	case KIND(FLAGS):
		plan->tells_flags = true;
		break;
	case KIND(INTERNALDATE):
		plan->wants_received = true;
		break;
	case KIND(RFC822_SIZE):
		plan->wants_vsize = true;
		break;
	case KIND(ENVELOPE): case KIND(BODY): case KIND(BODYSTRUCTURE):
		plan->wants_record = true;
		break;
	case KIND(SECTION):
		plan_section(a, item, step, plan);
		break;
	default:
		break;
	}
}

static bool
asks_for(const Posthouse__FetchRequest *in, Posthouse__FetchItem__Kind kind)
{
	for (size_t i = 0; i < in->n_items; i++)
		if (in->items[i]->kind == kind)
			return true;
	return false;
}

struct status
fetch_plan_make(struct arena *a, const Posthouse__FetchRequest *in, struct fetch_plan *out)
{
	static const Posthouse__MailboxRef no_box = POSTHOUSE__MAILBOX_REF__INIT;
	const Posthouse__MailboxRef *box = in->box ? in->box : &no_box;
	/* CHANGEDSINCE always tells MODSEQ (RFC 7162, 3.1.4.1), as does FLAGS for those who asked once. */
	bool flags = asks_for(in, KIND(FLAGS));
	bool modseq = in->changed_since > 0 || (box->condstore && flags);
	struct fetch_step *steps = ARENA_ARRAY(a, in->n_items + 1, struct fetch_step);
	struct fetch_plan plan = {
		.steps = steps,
		.uid_first = in->by_uid,
		.tells_modseq = box->condstore,
		.recent = box->recent,
		.recent_count = box->n_recent,
	};

	for (size_t i = 0; i < in->n_items; i++) {
		const Posthouse__FetchItem *item = in->items[i];
		if (!is_legal(item))
			return status_make(STATUS_INVALID, "Unknown FETCH item");
		if (item->kind == KIND(UID) && in->by_uid)
			continue;	/* is told first */
		plan_item(a, item, &steps[plan.count++], &plan);
	}
	if (modseq && !asks_for(in, KIND(MODSEQ)))
		steps[plan.count++] = (struct fetch_step){ .kind = KIND(MODSEQ), .label = SPAN_LIT(" MODSEQ ") };
	if (plan.count == 0 && !plan.uid_first)
		return status_make(STATUS_INVALID, "Nothing to fetch");
	plan.sets_seen = plan.sets_seen && !box->read_only;
	*out = plan;
	return STATUS_FINE;
}
