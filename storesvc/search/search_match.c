/*
 * search_match.c - does this message match?
 */
#include "storesvc/search/search_match.h"

#include "mail/header.h"
#include "mail/search_addresses.h"
#include "mail/search_text.h"
#include "mail/uidpairs.h"
#include "storesvc/cache/cache_fields.h"

#define KIND(name) POSTHOUSE__SEARCH_KEY__KIND__##name
#define BYTES_KEPT (1u << 20)		/* a message that needed more gives it back */

/* Who asks: with a matcher everything may be looked up, without only memory. */
struct asking {
	const struct search_program *program;
	const struct message_view *v;
	struct search_match *match;	/* NULL: memory only */
};

static enum search_answer
answer(bool yes)
{
	return yes ? SEARCH_YES : SEARCH_NO;
}

void
search_match_init(struct search_match *s, struct mailbox *box, const struct search_program *program)
{
	*s = (struct search_match){ .box = box, .program = program };
	facts_init(&s->facts, box);
	arena_init(&s->scratch, 32u << 10);
	buf_init(&s->bytes, 0);
}

void
search_match_release(struct search_match *s)
{
	facts_release(&s->facts);
	arena_release(&s->scratch);
	buf_release(&s->bytes);
}

static bool
need_bytes(struct search_match *s)
{
	struct message_file file;

	if (s->has_bytes)
		return true;
	struct status st = message_file_open(s->box, s->v, &file);
	if (status_ok(st)) {
		st = message_file_read(&file, 0, file.size, &s->bytes);
		message_file_close(&file);
	}
	s->has_bytes = status_ok(st);
	s->gone |= !s->has_bytes;
	return s->has_bytes;
}

static bool
need_record(struct search_match *s)
{
	if (!s->has_record && !s->gone) {
		s->has_record = status_ok(facts_get(&s->facts, s->v, &s->record));
		s->gone = !s->has_record;
	}
	return s->has_record;
}

/* The message's header, or as much of it as has all fields called `name`. */
static bool
need_header(struct search_match *s, struct span name, struct span *out)
{
	if (!need_record(s))
		return false;
	if (cache_fields_tell(&s->record, &name, 1)) {
		*out = s->record.fields;
		return true;
	}
	if (!need_bytes(s))
		return false;
	*out = span_head(buf_view(&s->bytes), (size_t)s->record.header_len);
	return true;
}

static enum search_answer
match_header(const struct asking *ask, const struct search_node *node)
{
	struct search_match *match = ask->match;
	struct span header;

	if (!match)
		return SEARCH_UNKNOWN;
	if (!need_header(match, node->field, &header))
		return SEARCH_NO;
	if (node->kind == KIND(HEADER))
		return answer(search_header(node->needle, header, node->field));
	bool found = search_addresses(node->needle, &match->scratch, header, node->field);
	arena_reset(&match->scratch);
	return answer(found);
}

static enum search_answer
match_text(const struct asking *ask, const struct search_node *node)
{
	enum search_where where = node->kind == KIND(BODY) ? SEARCH_IN_BODY : SEARCH_IN_TEXT;

	if (!ask->match)
		return SEARCH_UNKNOWN;
	if (!need_bytes(ask->match))
		return SEARCH_NO;
	bool found = search_message(node->needle, &ask->match->scratch, buf_view(&ask->match->bytes), where);
	arena_reset(&ask->match->scratch);
	return answer(found);
}

static enum search_answer
match_sent(const struct asking *ask, const struct search_node *node)
{
	if (!ask->match)
		return SEARCH_UNKNOWN;
	/* A message that does not say when it was sent was sent at no time at all. */
	if (!need_record(ask->match) || !ask->match->record.has_sent)
		return SEARCH_NO;
	int64_t day = ask->match->record.sent.day, wanted = (int64_t)node->number;
	switch (node->kind) {
	case KIND(SENTBEFORE):
		return answer(day < wanted);
	case KIND(SENTON):
		return answer(day == wanted);
	default:
		return answer(day >= wanted);
	}
}

static enum search_answer
match_received(const struct asking *ask, const struct search_node *node)
{
	if (ask->v->received == RECEIVED_UNKNOWN) {
		if (!ask->match)
			return SEARCH_UNKNOWN;
		ask->match->gone |= !status_ok(message_received(ask->match->box, ask->match->v));
		if (ask->match->gone)
			return SEARCH_NO;
	}
	int64_t received = ask->v->received, day = date_day(received, 0);
	int64_t wanted = (int64_t)node->number, then = ask->program->now - wanted;
	switch (node->kind) {
	case KIND(BEFORE):
		return answer(day < wanted);
	case KIND(ON):
		return answer(day == wanted);
	case KIND(SINCE):
		return answer(day >= wanted);
	case KIND(OLDER):
		return answer(received <= then);
	default:
		return answer(received >= then);
	}
}

static enum search_answer
match_size(const struct asking *ask, const struct search_node *node)
{
	if (!ask->v->vsize_known) {
		if (!ask->match)
			return SEARCH_UNKNOWN;
		if (!need_record(ask->match))
			return SEARCH_NO;
	}
	return answer(node->kind == KIND(LARGER) ? ask->v->vsize > node->number : ask->v->vsize < node->number);
}

static enum search_answer
match_flag(const struct message_view *v, const struct search_node *node)
{
	if (node->letters)
		return answer(v->flags->letters & node->letters);
	return answer(node->keyword >= 0 && flagset_has_keyword(v->flags, (uint32_t)node->keyword));
}

static enum search_answer evaluate(const struct asking *ask, const struct search_node *node);

/* AND stops at the first no, OR at the first yes; what is unknown may still be decided by a sister. */
static enum search_answer
match_children(const struct asking *ask, const struct search_node *node, enum search_answer decides)
{
	enum search_answer result = decides == SEARCH_NO ? SEARCH_YES : SEARCH_NO;

	for (size_t i = 0; i < node->count; i++) {
		enum search_answer child = evaluate(ask, node->children[i]);
		if (child == decides)
			return child;
		if (child == SEARCH_UNKNOWN)
			result = SEARCH_UNKNOWN;
	}
	return result;
}

static enum search_answer
match_not(const struct asking *ask, const struct search_node *node)
{
	/* With several children: none of them all, as for AND. */
	enum search_answer all = match_children(ask, node, SEARCH_NO);

	return all == SEARCH_UNKNOWN ? all : answer(all == SEARCH_NO);
}

static enum search_answer
evaluate(const struct asking *ask, const struct search_node *node)
{
	switch (node->kind) {
	case KIND(AND):
		return match_children(ask, node, SEARCH_NO);
	case KIND(OR):
		return match_children(ask, node, SEARCH_YES);
	case KIND(NOT):
		return match_not(ask, node);
	case KIND(UIDS):
		return answer(uidset_has(&node->uids, ask->v->uid));
	case KIND(FLAG):
		return match_flag(ask->v, node);
	case KIND(HEADER): case KIND(ADDRESS):
		return match_header(ask, node);
	case KIND(BODY): case KIND(TEXT):
		return match_text(ask, node);
	case KIND(SENTBEFORE): case KIND(SENTON): case KIND(SENTSINCE):
		return match_sent(ask, node);
	case KIND(BEFORE): case KIND(ON): case KIND(SINCE): case KIND(OLDER): case KIND(YOUNGER):
		return match_received(ask, node);
	case KIND(LARGER): case KIND(SMALLER):
		return match_size(ask, node);
	case KIND(MODSEQ):
		return answer(ask->v->modseq >= node->number);
	case KIND(RECENT):
		return answer(uidpairs_have(ask->program->recent, ask->program->recent_count, ask->v->uid));
	default:	/* ALL: the program has no others */
		return SEARCH_YES;
	}
}

enum search_answer
search_match_memory(const struct search_program *program, const struct message_view *v)
{
	struct asking ask = { .program = program, .v = v };

	return evaluate(&ask, program->root);
}

bool
search_match(struct search_match *s, struct message_view *v)
{
	struct asking ask = { .program = s->program, .v = v, .match = s };

	s->v = v;
	s->has_record = s->has_bytes = s->gone = false;
	bool yes = evaluate(&ask, s->program->root) == SEARCH_YES && !s->gone;
	facts_learn(&s->facts, v);
	if (s->bytes.room > BYTES_KEPT)
		buf_release(&s->bytes);
	return yes;
}
