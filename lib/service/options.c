/*
 * options.c - where settings come from, and what is said when they are wrong
 */
#include "service/options.h"

#include "base/io.h"
#include "base/panic.h"
#include "service/options_value.h"

#define FILE_MAX (1 << 20)

struct loader {
	struct arena *arena;
	const struct option_set *sets;
	size_t count;
};

/* A definition and the struct it is about. */
struct target {
	const struct option_def *def;
	void *config;
};

static bool
find(const struct loader *l, struct span name, struct target *out)
{
	for (size_t i = 0; i < l->count; i++)
		for (const struct option_def *def = l->sets[i].defs; def->type != OPTION_TYPE_END; def++)
			if (span_eq(span_str(def->name), name)) {
				*out = (struct target){ def, l->sets[i].target };
				return true;
			}
	return false;
}

static struct status
set_default(const struct loader *l, const struct option_def *def, void *config)
{
	if (!def->fallback) {
		*(char **)((char *)config + def->offset) = NULL;
		return STATUS_FINE;
	}
	return option_set_value(l->arena, def, config, span_str(def->fallback));
}

static struct status
set_defaults(const struct loader *l)
{
	for (size_t i = 0; i < l->count; i++)
		for (const struct option_def *def = l->sets[i].defs; def->type != OPTION_TYPE_END; def++) {
			struct status st = set_default(l, def, l->sets[i].target);
			if (!status_ok(st))
				panic("default of %s %s", def->name, st.text);
		}
	return STATUS_FINE;
}

/* `where` names file and line, or the source. */
static struct status
set(const struct loader *l, const char *where, struct span name, struct span value)
{
	struct target t;

	if (!find(l, name, &t))
		return status_make(STATUS_INVALID, arena_printf(l->arena, "%s: there is no setting %.*s",
		    where, (int)name.len, name.at));
	struct status st = option_set_value(l->arena, t.def, t.config, value);
	if (!status_ok(st))
		return status_make(STATUS_INVALID, arena_printf(l->arena, "%s: %.*s %s, not \"%.*s\"",
		    where, (int)name.len, name.at, st.text, (int)value.len, value.at));
	return STATUS_FINE;
}

/* ---- files ---- */

/* Where an unquoted value ends: before " #", or at the end of the line. */
static struct span
cut_comment(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '#' && (i == 0 || text.at[i - 1] == ' ' || text.at[i - 1] == '\t'))
			return span_trim(span_head(text, i));
	return span_trim(text);
}

/* False: the quote is not closed, or something follows it. */
static bool
unquote(struct arena *a, struct span text, struct span *out)
{
	char quote = text.at[0], *bytes = arena_bytes(a, text.len);
	size_t n = 0, i = 1;

	for (; i < text.len && text.at[i] != quote; i++) {
		if (quote == '"' && text.at[i] == '\\' && i + 1 < text.len &&
		    (text.at[i + 1] == '"' || text.at[i + 1] == '\\'))
			i++;
		bytes[n++] = text.at[i];
	}
	if (i == text.len || cut_comment(span_skip(text, i + 1)).len > 0)
		return false;
	*out = span_of(bytes, n);
	return true;
}

struct status
option_line_parse(struct arena *a, const char *where, struct span line, struct option_line *out)
{
	struct span value = span_trim(line), name = span_trim(span_cut(&value, '='));

	*out = (struct option_line){ .name = span_of("", 0) };
	if (!name.len || name.at[0] == '#')
		return value.at && !name.len ?
		    status_make(STATUS_INVALID, arena_printf(a, "%s: expected NAME=value", where)) : STATUS_FINE;
	if (!value.at)
		return status_make(STATUS_INVALID, arena_printf(a, "%s: expected NAME=value", where));
	*out = (struct option_line){ .name = name, .raw = span_trim(value) };
	if (!out->raw.len || (out->raw.at[0] != '"' && out->raw.at[0] != '\''))
		out->value = cut_comment(out->raw);
	else if (!unquote(a, out->raw, &out->value))
		return status_make(STATUS_INVALID, arena_printf(a, "%s: the quotes of %.*s do not match", where,
		    (int)name.len, name.at));
	return STATUS_FINE;
}

static struct status
read_line(const struct loader *l, const char *where, struct span text)
{
	struct option_line line;
	struct status st = option_line_parse(l->arena, where, text, &line);

	return status_ok(st) && line.name.len ? set(l, where, line.name, line.value) : st;
}

static struct status
read_file(const struct loader *l, const char *path, bool required)
{
	struct buf text;
	int number = 0;

	buf_init(&text, 0);
	struct status st = io_read_path(path, FILE_MAX, &text);
	if (st.code == STATUS_NOT_FOUND && !required)
		st = STATUS_FINE;
	else if (!status_ok(st))
		st = status_make(STATUS_INVALID, arena_printf(l->arena, "%s: %s", path, st.text));
	struct span rest = buf_view(&text);
	while (status_ok(st) && rest.at) {
		struct span line = span_cut(&rest, '\n');
		st = read_line(l, arena_printf(l->arena, "%s:%d", path, ++number), line);
	}
	buf_release(&text);
	return st;
}

/* ---- environment and command line ---- */

/* Names that are not ours are somebody else's. */
static struct status
read_environment(const struct loader *l, char **environment)
{
	struct target t;

	for (; environment && *environment; environment++) {
		struct span value = span_str(*environment), name = span_cut(&value, '=');
		if (!value.at || !find(l, name, &t))
			continue;
		struct status st = set(l, "environment", name, value);
		if (!status_ok(st))
			return st;
	}
	return STATUS_FINE;
}

/* maildir-root -> MAILDIR_ROOT */
static struct span
setting_name(struct arena *a, struct span option)
{
	char *name = arena_strndup(a, option.at, option.len);

	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : ascii_upper(*c);
	return span_of(name, option.len);
}

/* Only --merge-conf=OLD has a value. */
static bool
action_named(struct span argument, enum options_action *out)
{
	static const char *const names[] = {
		[OPTIONS_HELP] = "help", [OPTIONS_VERSION] = "version",
		[OPTIONS_PRINT_CONF] = "print-conf", [OPTIONS_PRINT_MAN] = "print-man",
		[OPTIONS_PRINT_METRICS] = "print-metrics", [OPTIONS_MERGE_CONF] = "merge-conf",
	};
	struct span value = argument, name = span_cut(&value, '=');

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && span_eq(span_str(names[i]), name) && (i == OPTIONS_MERGE_CONF) == (value.at != NULL)) {
			*out = (enum options_action)i;
			return true;
		}
	return false;
}

static struct status
read_argument(const struct loader *l, const char *argument, enum options_action *action)
{
	struct span value = span_str(argument);

	if (!span_starts(value, SPAN_LIT("--")))
		return status_make(STATUS_INVALID, arena_printf(l->arena,
		    "\"%s\" is not understood; settings are --name=value, see --help", argument));
	value = span_skip(value, 2);
	if (action_named(value, action))
		return STATUS_FINE;
	struct span name = span_cut(&value, '=');
	if (span_eq(name, SPAN_LIT("config")) && value.at)
		return STATUS_FINE;	/* has been read already */
	if (!value.at)
		return status_make(STATUS_INVALID, arena_printf(l->arena,
		    "%s needs a value: %s=value, see --help", argument, argument));
	return set(l, "command line", setting_name(l->arena, name), value);
}

static const char *
config_argument(const struct options_input *input)
{
	const char *found = NULL;

	for (int i = 1; i < input->argc; i++)
		if (strncmp(input->argv[i], "--config=", 9) == 0)
			found = input->argv[i] + 9;
	return found;
}

struct status
options_load(struct arena *a, const struct option_set *sets, size_t count,
    const struct options_input *input, enum options_action *out_action)
{
	struct loader l = { a, sets, count };
	const char *named = config_argument(input);
	enum options_action action = OPTIONS_RUN, asked = OPTIONS_RUN;

	struct status st = set_defaults(&l);
	/* Whoever asks for help is not refused it because of a broken file. */
	for (int i = 1; i < input->argc; i++)
		if (strncmp(input->argv[i], "--", 2) == 0 && action_named(span_str(input->argv[i] + 2), &asked)) {
			*out_action = asked;
			return STATUS_FINE;
		}
	if (named)
		st = read_file(&l, named, true);
	else if (input->default_file)
		st = read_file(&l, input->default_file, false);
	if (status_ok(st))
		st = read_environment(&l, input->environment);
	for (int i = 1; i < input->argc && status_ok(st); i++)
		st = read_argument(&l, input->argv[i], &action);
	if (status_ok(st))
		*out_action = action;
	return st;
}
