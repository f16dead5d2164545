#include "tools/ctl/ctl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mail/utf8.h"


/* --- the command line ------------------------------------------------------------------- */

static void
take_away(struct ctl *c, int at)
{
	for (int i = at; i + 1 < c->word_count; i++)
		c->words[i] = c->words[i + 1];
	c->word_count--;
}

bool
ctl_flag(struct ctl *c, const char *flag)
{
	for (int i = 0; i < c->word_count; i++) {
		if (strcmp(c->words[i], flag) != 0)
			continue;
		take_away(c, i);
		return true;
	}
	return false;
}

const char *
ctl_option(struct ctl *c, const char *option)
{
	size_t len = strlen(option);

	for (int i = 0; i < c->word_count; i++) {
		if (strncmp(c->words[i], option, len) != 0 || c->words[i][len] != '=')
			continue;
		const char *value = c->words[i] + len + 1;
		take_away(c, i);
		return value;
	}
	return NULL;
}

const char *
ctl_word_if_any(struct ctl *c)
{
	if (c->word_count == 0)
		return NULL;
	const char *word = c->words[0];
	if (strncmp(word, "--", 2) == 0)
		ctl_usage(c, "%s is not an option of \"%s\"", word, c->command);
	take_away(c, 0);
	return word;
}

const char *
ctl_word(struct ctl *c, const char *what)
{
	const char *word = ctl_word_if_any(c);

	if (!word || !*word)
		ctl_usage(c, "\"%s\" needs %s", c->command, what);
	return word;
}

void
ctl_no_more_words(struct ctl *c)
{
	if (c->word_count)
		ctl_usage(c, "\"%s\" does not know what to do with %s", c->command, c->words[0]);
}

void
ctl_usage(struct ctl *c, const char *format, ...)
{
	va_list args;

	(void)c;
	va_start(args, format);
	fputs(CTL_PROGRAM ": ", stderr);
	vfprintf(stderr, format, args);
	fputs("; see " CTL_PROGRAM " --help\n", stderr);
	va_end(args);
	exit(EX_USAGE);
}

/* --- the answer ---------------------------------------------------------------------------- */

void
ctl_answer(struct ctl *c, const char *key, json_t *take_value)
{
	json_object_set_new(c->result, key, take_value);
}

void
ctl_error(struct ctl *c, int code, const char *format, ...)
{
	json_t *errors = json_object_get(c->result, "errors");
	va_list args;

	va_start(args, format);
	const char *text = arena_vprintf(&c->arena, format, args);
	va_end(args);
	fprintf(stderr, CTL_PROGRAM ": %s\n", text);
	if (!errors) {
		errors = json_array();
		json_object_set_new(c->result, "errors", errors);
	}
	json_array_append_new(errors, ctl_text(text));
	if (c->exit_code == CTL_DONE || c->exit_code == CTL_NOT_WELL)
		c->exit_code = code;
}

void
ctl_not_well(struct ctl *c)
{
	if (c->exit_code == CTL_DONE)
		c->exit_code = CTL_NOT_WELL;
}

void
ctl_say(const struct ctl *c, const char *format, ...)
{
	va_list args;

	if (c->json)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

json_t *
ctl_text(const char *text)
{
	json_t *json = json_string(text);
	struct buf clean;

	if (json)
		return json;
	buf_init(&clean, 0);
	utf8_repair(span_str(text), &clean);
	json = json_stringn(clean.at, clean.len);
	buf_release(&clean);
	return json ? json : json_string("?");
}
