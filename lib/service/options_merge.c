/*
 * options_merge.c - the settings of a new version, with what an operator has set in the file of the old one
 *
 * The new file has every setting with its comment, in the table's order. An operator's line goes as it
 * was written where the default would stand. Nothing of his is thrown away without a trace: what
 * is no setting any more, or not valid any more, is kept as a comment at the end.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "base/io.h"
#include "base/mem.h"
#include "service/options.h"
#include "service/options_value.h"

#define FILE_MAX (1 << 20)

struct kept {
	const struct option_def *def;	/* NULL: goes to the end */
	struct span name, raw;
	const char *why;		/* it goes there         */
};

struct merge {
	struct arena *arena;
	const struct option_set *sets;
	size_t count;
	struct span text;		/* of the old file       */
	struct kept *kept;
	size_t kept_count, kept_room;
};

static const struct option_def *
find(const struct merge *m, struct span name)
{
	for (size_t i = 0; i < m->count; i++)
		for (const struct option_def *def = m->sets[i].defs; def->type != OPTION_TYPE_END; def++)
			if (span_eq(span_str(def->name), name))
				return def;
	return NULL;
}

/* The value is tried on a struct that only has room for this one field. */
static struct status
try_value(const struct merge *m, const struct option_def *def, struct span value)
{
	struct option_def alone = *def;
	int64_t room = 0;

	alone.offset = 0;
	return option_set_value(m->arena, &alone, &room, value);
}

static void
keep(struct merge *m, const struct option_line *line)
{
	struct kept k = { .def = find(m, line->name), .name = line->name, .raw = line->raw };

	if (!k.def) {
		k.why = "is no setting any more";
	} else {
		struct status st = try_value(m, k.def, line->value);
		if (!status_ok(st)) {
			k.def = NULL;
			k.why = arena_printf(m->arena, "%s", st.text);
		}
	}
	MEM_GROW(m->kept, m->kept_count, &m->kept_room);
	m->kept[m->kept_count++] = k;
}

static struct status
read_old(struct merge *m, const char *path)
{
	struct span rest = m->text;
	int number = 0;

	while (rest.at) {
		struct option_line line;
		struct status st = option_line_parse(m->arena, arena_printf(m->arena, "%s:%d", path, ++number),
		    span_cut(&rest, '\n'), &line);
		if (!status_ok(st))
			return st;
		if (line.name.len)
			keep(m, &line);
	}
	return STATUS_FINE;
}

/* Had the old file heard of it? */
static bool
was_there(const struct merge *m, const char *name)
{
	struct span rest = m->text;

	while (rest.at) {
		struct span line = span_trim(span_cut(&rest, '\n'));
		if (span_starts(line, SPAN_LIT("##NAME:")) &&
		    span_eq(span_trim(span_skip(line, strlen("##NAME:"))), span_str(name)))
			return true;
	}
	return false;
}

/* Later lines count, in the old file as in the new one. */
static void
print_setting(FILE *to, FILE *notes, const struct merge *m, const struct option_def *def)
{
	bool set = false;

	options_print_setting(to, def);
	for (size_t i = 0; i < m->kept_count; i++) {
		const struct kept *k = &m->kept[i];
		if (k->def != def)
			continue;
		fprintf(to, "%s=%.*s\n", def->name, (int)k->raw.len, k->raw.at);
		set = true;
	}
	fputc('\n', to);
	if (!set && !was_there(m, def->name))
		fprintf(notes, "new: %s\n", def->name);
}

static void
print_rest(FILE *to, FILE *notes, const struct merge *m)
{
	for (size_t i = 0; i < m->kept_count; i++) {
		const struct kept *k = &m->kept[i];
		if (k->def)
			continue;
		fprintf(to, "# %.*s %s:\n#%.*s=%.*s\n\n", (int)k->name.len, k->name.at, k->why, (int)k->name.len,
		    k->name.at, (int)k->raw.len, k->raw.at);
		fprintf(notes, "left out: %.*s %s\n", (int)k->name.len, k->name.at, k->why);
	}
}

struct status
options_merge_conf(FILE *to, FILE *notes, struct arena *a, const struct option_set *sets, size_t count,
    const char *old)
{
	struct merge m = { .arena = a, .sets = sets, .count = count };
	struct buf text;

	buf_init(&text, 0);
	struct status st = io_read_path(old, FILE_MAX, &text);
	m.text = buf_view(&text);
	if (status_ok(st))
		st = read_old(&m, old);
	else
		st = status_make(st.code, arena_printf(a, "%s: %s", old, st.text));
	for (size_t i = 0; i < count && status_ok(st); i++)
		for (const struct option_def *def = sets[i].defs; def->type != OPTION_TYPE_END; def++)
			print_setting(to, notes, &m, def);
	if (status_ok(st))
		print_rest(to, notes, &m);
	free(m.kept);
	buf_release(&text);
	return st;
}

int
options_merge_argument(const char *program, struct arena *a, const struct option_set *sets, size_t count,
    int argc, char **argv)
{
	static const char option[] = "--merge-conf=";
	struct status st = STATUS_FINE;

	for (int i = 1; i < argc && status_ok(st); i++)
		if (strncmp(argv[i], option, sizeof(option) - 1) == 0)
			st = options_merge_conf(stdout, stderr, a, sets, count, argv[i] + sizeof(option) - 1);
	if (status_ok(st))
		return EX_OK;
	fprintf(stderr, "%s: %s\n", program, st.text);
	return EX_DATAERR;
}
