/*
 * The client's picture always equals the store's.
 *
 * A model mailbox changes at random and says what happened as a Delta; a model client
 * believes nothing but the lines view_apply wrote. Beside that, rows for the exact wording.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "frontend/session/view.h"

enum { MOST = 4096 };

/* --- a mailbox ---------------------------------------------------------------------- */

struct model {
	uint32_t uidnext, count;
	uint64_t modseq;
	struct { uint32_t uid; uint64_t modseq; uint32_t flags; } at[MOST];
	struct { uint32_t uid; uint64_t modseq; } vanished[MOST];
	uint32_t vanished_count;
};

static const char *const flag_texts[] = { "", "\\Seen", "\\Seen \\Flagged", "$Label1" };

static void
model_change(struct model *m)
{
	uint32_t i = m->count ? (uint32_t)rand() % m->count : 0;
	m->modseq++;
	switch (rand() % 3) {
	case 0:
		m->at[m->count].uid = m->uidnext;
		m->at[m->count].modseq = m->modseq;
		m->at[m->count++].flags = (uint32_t)rand() % 4;
		m->uidnext += 1 + (uint32_t)(rand() % 5 == 0);
		break;
	case 1:
		if (!m->count)
			break;
		m->at[i].flags = (uint32_t)rand() % 4;
		m->at[i].modseq = m->modseq;
		break;
	default:
		if (!m->count)
			break;
		m->vanished[m->vanished_count].uid = m->at[i].uid;
		m->vanished[m->vanished_count++].modseq = m->modseq;
		memmove(&m->at[i], &m->at[i + 1], (m->count - i - 1) * sizeof(m->at[0]));
		m->count--;
	}
}

static void
add_run(struct arena *a, Posthouse__Run ***list, size_t *count, uint32_t uid)
{
	if (!*list)
		*list = ARENA_ARRAY(a, MOST, Posthouse__Run *);
	Posthouse__Run *run = ARENA_NEW(a, Posthouse__Run);
	posthouse__run__init(run);
	run->first = run->last = uid;
	(*list)[(*count)++] = run;
}

/* What happened after `since`; `reset` as if the store had forgotten what vanished. */
static Posthouse__Delta *
model_delta(struct model *m, struct arena *a, uint64_t since, uint32_t known_next, bool reset)
{
	Posthouse__Delta *d = ARENA_NEW(a, Posthouse__Delta);
	Posthouse__Changes *c = ARENA_NEW(a, Posthouse__Changes);
	posthouse__delta__init(d);
	posthouse__changes__init(c);
	d->changed = c;
	d->modseq = m->modseq;
	d->uidnext = m->uidnext;
	d->reset = reset;
	c->uid = ARENA_ARRAY(a, m->count, uint32_t);
	c->modseq = ARENA_ARRAY(a, m->count, uint64_t);
	c->flags = ARENA_ARRAY(a, m->count, uint32_t);
	c->flag_lists = (char **)flag_texts;
	c->n_flag_lists = 4;
	for (uint32_t i = 0; i < m->vanished_count && !reset; i++)
		if (m->vanished[i].modseq > since)
			add_run(a, &d->vanished, &d->n_vanished, m->vanished[i].uid);
	for (uint32_t i = 0; i < m->count; i++) {
		if (reset)
			add_run(a, &d->present, &d->n_present, m->at[i].uid);
		if (m->at[i].uid >= known_next && !reset)
			add_run(a, &d->arrived, &d->n_arrived, m->at[i].uid);
		if (m->at[i].modseq <= since)
			continue;
		c->uid[c->n_uid++] = m->at[i].uid;
		c->modseq[c->n_modseq++] = m->at[i].modseq;
		c->flags[c->n_flags++] = m->at[i].flags;
	}
	return d;
}

/* --- a client ------------------------------------------------------------------------- */

struct client {
	uint32_t count;
	struct { uint32_t uid, flags; } at[MOST];
};

static void
client_remove(struct client *c, uint32_t i)
{
	assert_true(i < c->count);
	memmove(&c->at[i], &c->at[i + 1], (c->count - i - 1) * sizeof(c->at[0]));
	c->count--;
}

static uint32_t
flags_of(struct span line)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < 4; i++)
		if (memmem(line.at, line.len, flag_texts[i], strlen(flag_texts[i])))
			best = i;
	return best;
}

static void
client_vanished(struct client *c, struct span set)
{
	struct uidset gone;
	uidset_init(&gone);
	assert_true(uidset_parse(&gone, set, 0, MOST));
	for (uint32_t i = c->count; i-- > 0; )
		if (uidset_has(&gone, c->at[i].uid))
			client_remove(c, i);
	uidset_release(&gone);
}

static void
client_line(struct client *c, struct span line)
{
	uint64_t n;
	struct span rest = line;
	assert_true(span_eq(span_cut(&rest, ' '), SPAN_LIT("*")));
	struct span word = span_cut(&rest, ' ');
	if (span_eq(word, SPAN_LIT("VANISHED"))) {
		client_vanished(c, rest);
		return;
	}
	assert_true(span_number(word, UINT32_MAX, &n));
	if (span_eq(rest, SPAN_LIT("EXPUNGE"))) {
		client_remove(c, (uint32_t)n - 1);
	} else if (span_eq(rest, SPAN_LIT("EXISTS"))) {
		assert_true(n >= c->count);
		while (c->count < n)
			c->at[c->count++].uid = 0;
	} else if (span_starts(rest, SPAN_LIT("FETCH"))) {
		assert_in_range(n, 1, c->count);
		c->at[n - 1].flags = flags_of(line);
	} else {
		assert_true(span_eq(rest, SPAN_LIT("RECENT")));
	}
}

static void
client_read(struct client *c, struct span lines)
{
	while (lines.len) {
		size_t end = span_index(lines, '\n');
		client_line(c, span_head(lines, end - 1));
		lines = span_skip(lines, end + 1);
	}
}

/* FETCH of what it does not know yet. Of messages that are gone it learns nothing. */
static void
client_ask(struct client *c, struct view *v, const struct model *m)
{
	for (uint32_t i = 0; i < c->count; i++) {
		if (c->at[i].uid)
			continue;
		c->at[i].uid = view_uid(v, i + 1);
		for (uint32_t k = 0; k < m->count; k++)
			if (m->at[k].uid == c->at[i].uid)
				c->at[i].flags = m->at[k].flags;
	}
}

static void
assert_same(const struct client *c, const struct model *m)
{
	assert_int_equal(c->count, m->count);
	for (uint32_t i = 0; i < c->count; i++) {
		assert_int_equal(c->at[i].uid, m->at[i].uid);
		assert_int_equal(c->at[i].flags, m->at[i].flags);
	}
}

static void
one_life(unsigned flags)
{
	struct model *m = calloc(1, sizeof(*m));
	struct client *c = calloc(1, sizeof(*c));
	struct view v;
	struct buf out;
	m->uidnext = m->modseq = 1;
	view_init(&v);
	buf_init(&out, 0);
	v.uidnext = 1;
	v.modseq = 1;
	for (int turn = 0; turn < 300; turn++) {
		struct arena a;
		arena_init(&a, 0);
		for (int i = rand() % 6; i > 0; i--)
			model_change(m);
		bool may_expunge = rand() % 2;
		Posthouse__Delta *d = model_delta(m, &a, v.modseq, v.uidnext, rand() % 10 == 0);
		buf_reset(&out);
		view_apply(&v, d, flags | (may_expunge ? VIEW_MAY_EXPUNGE : 0), &out);
		client_read(c, buf_view(&out));
		client_ask(c, &v, m);
		assert_int_equal(c->count, view_exists(&v));
		if (may_expunge)
			assert_same(c, m);
		arena_release(&a);
	}
	buf_release(&out);
	view_release(&v);
	free(c);
	free(m);
}

static void
test_picture(void **state)
{
	(void)state;
	unsigned seed = (unsigned)clock_wall_ns();
	print_message("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 30; i++) {
		one_life(0);
		one_life(VIEW_CONDSTORE);
		one_life(VIEW_CONDSTORE | VIEW_QRESYNC);
	}
}

/* --- wording ----------------------------------------------------------------------------- */

/* Messages 10..14 with 13 and above recent; 11 and 14 vanish, 12 changes, 15 and 16 arrive, keywords appear. */
static const struct row {
	unsigned flags;
	const char *want;
} rows[] = {
	{ VIEW_MAY_EXPUNGE,
	  "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)\r\n"
	  "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work \\*)] New keywords\r\n"
	  "* 5 EXPUNGE\r\n* 2 EXPUNGE\r\n"
	  "* 5 EXISTS\r\n* 3 RECENT\r\n"
	  "* 2 FETCH (FLAGS (\\Seen))\r\n* 3 FETCH (FLAGS (\\Recent))\r\n" },
	{ VIEW_READ_ONLY | VIEW_CONDSTORE,
	  "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)\r\n"
	  "* 7 EXISTS\r\n* 4 RECENT\r\n"
	  "* 3 FETCH (UID 12 MODSEQ (8) FLAGS (\\Seen))\r\n* 4 FETCH (UID 13 MODSEQ (9) FLAGS (\\Recent))\r\n" },
	{ VIEW_MAY_EXPUNGE | VIEW_READ_ONLY | VIEW_CONDSTORE | VIEW_QRESYNC,
	  "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)\r\n"
	  "* VANISHED 11,14\r\n"
	  "* 5 EXISTS\r\n* 3 RECENT\r\n"
	  "* 2 FETCH (UID 12 MODSEQ (8) FLAGS (\\Seen))\r\n* 3 FETCH (UID 13 MODSEQ (9) FLAGS (\\Recent))\r\n" },
};

static void
open_rows_view(struct view *v)
{
	Posthouse__Run present = POSTHOUSE__RUN__INIT, *list[] = { &present };
	Posthouse__SelectReply reply = POSTHOUSE__SELECT_REPLY__INIT;
	present.first = 10;
	present.last = 14;
	reply.n_present = 1;
	reply.present = list;
	reply.modseq = 7;
	reply.uidnext = 15;
	reply.recent_from = 13;
	view_open(v, &reply);
}

static Posthouse__Delta *
rows_delta(struct arena *a)
{
	static uint32_t uids[] = { 12, 13, 15 }, flags[] = { 1, 0, 0 };
	static uint64_t modseqs[] = { 8, 9, 9 };
	static char work[] = "Work", *keywords[] = { work };
	Posthouse__Delta *d = ARENA_NEW(a, Posthouse__Delta);
	posthouse__delta__init(d);
	d->changed = ARENA_NEW(a, Posthouse__Changes);
	posthouse__changes__init(d->changed);
	*d->changed = (Posthouse__Changes){ .base = d->changed->base, .n_uid = 3, .uid = uids,
	    .n_modseq = 3, .modseq = modseqs, .n_flags = 3, .flags = flags,
	    .n_flag_lists = 4, .flag_lists = (char **)flag_texts };
	add_run(a, &d->vanished, &d->n_vanished, 11);
	add_run(a, &d->vanished, &d->n_vanished, 14);
	add_run(a, &d->arrived, &d->n_arrived, 15);
	add_run(a, &d->arrived, &d->n_arrived, 16);
	d->keywords = keywords;
	d->n_keywords = 1;
	d->modseq = 9;
	d->uidnext = 17;
	d->recent_from = 15;
	return d;
}

static void
test_wording(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena a;
		struct view v;
		struct buf out;
		arena_init(&a, 0);
		view_init(&v);
		buf_init(&out, 0);
		open_rows_view(&v);
		view_apply(&v, rows_delta(&a), rows[i].flags, &out);
		buf_char(&out, '\0');
		assert_string_equal(out.at, rows[i].want);
		assert_int_equal(v.modseq, 9);
		assert_int_equal(v.uidnext, 17);

		/* The same again is no news, but what was held back comes when it may. */
		bool held = v.gone.size != 0;
		buf_reset(&out);
		view_apply(&v, NULL, VIEW_MAY_EXPUNGE, &out);
		buf_char(&out, '\0');
		assert_string_equal(out.at, held ? "* 5 EXPUNGE\r\n* 2 EXPUNGE\r\n" : "");
		buf_release(&out);
		view_release(&v);
		arena_release(&a);
	}
}

/* --- numbers ---------------------------------------------------------------------------------- */

static const struct {
	const char *set;
	bool by_uid, ok;
	const char *runs;	/* first-last=seq of each */
} number_rows[] = {
	{ "1:4", false, true, "2-3=1 7-8=3 " },
	{ "2,4", false, true, "3-3=2 8-8=4 " },
	{ "3:6", false, true, "7-8=3 20-21=5 " },
	{ "7", false, false, "" },
	{ "4:9", false, false, "" },
	{ "1:100", true, true, "2-3=1 7-8=3 20-21=5 " },
	{ "3:7,21:4294967295", true, true, "3-3=2 7-7=3 21-21=6 " },
	{ "4:6,9:19", true, true, "" },
};

static void
test_numbers(void **state)
{
	(void)state;
	struct view v;
	view_init(&v);
	uidset_add(&v.uids, 2, 3);
	uidset_add(&v.uids, 7, 8);
	uidset_add(&v.uids, 20, 21);
	for (size_t i = 0; i < sizeof(number_rows) / sizeof(number_rows[0]); i++) {
		struct arena a;
		struct buf text;
		struct uidset set;
		Posthouse__Run **runs = NULL;
		size_t count = 0;
		arena_init(&a, 0);
		buf_init(&text, 0);
		uidset_init(&set);
		assert_true(uidset_parse(&set, span_str(number_rows[i].set), 0, 10));
		assert_int_equal(view_runs(&v, &a, &set, number_rows[i].by_uid, &runs, &count), number_rows[i].ok);
		for (size_t k = 0; k < count; k++)
			buf_printf(&text, "%u-%u=%u ", runs[k]->first, runs[k]->last, runs[k]->seq);
		buf_char(&text, '\0');
		assert_string_equal(text.at, number_rows[i].runs);
		uidset_release(&set);
		buf_release(&text);
		arena_release(&a);
	}
	view_release(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wording),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_picture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
