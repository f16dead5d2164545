/*
 * sources.c - the modules of AUTH_MODULES, opened as the settings say
 */
#include "authsvc/sources.h"

#include "authsvc/password/password_make.h"
#include "base/log.h"

/* The n-th of "keep|lower". */
static const char *
word_of(struct arena *a, const char *choices, int n)
{
	struct span rest = span_str(choices), word = span_cut(&rest, '|');

	while (n-- > 0)
		word = span_cut(&rest, '|');
	return word.len ? arena_strndup(a, word.at, word.len) : "";
}

/* A setting as text: durations in milliseconds, yes and no as 1 and 0. */
static const char *
text_of(struct arena *a, const struct auth_config *config, const struct option_def *o)
{
	const char *at = (const char *)config + o->offset;
	const char *string;
	int64_t number;

	if (o->type == OPTION_TYPE_STRING) {
		memcpy(&string, at, sizeof(string));
		return string ? string : "";
	}
	if (o->type == OPTION_TYPE_BOOL)
		return *(const bool *)at ? "1" : "0";
	if (o->type == OPTION_TYPE_ENUM)
		return word_of(a, o->choices, *(const int *)at);
	memcpy(&number, at, sizeof(number));
	return arena_printf(a, "%lld", (long long)number);
}

static void
collect_settings(struct auth_sources *s)
{
	size_t count = 0;

	while (auth_options[count].type != OPTION_TYPE_END)
		count++;
	s->setting_texts = ARENA_ARRAY(&s->arena, count + 1, const char *);
	for (size_t i = 0; i < count; i++)
		s->setting_texts[i] = text_of(&s->arena, s->config, &auth_options[i]);
}

static const char *
find_setting(void *arg, const char *name)
{
	const struct auth_sources *s = arg;

	for (size_t i = 0; auth_options[i].type != OPTION_TYPE_END; i++)
		if (strcmp(auth_options[i].name, name) == 0)
			return s->setting_texts[i];
	return "";
}

static struct status
open_chain(struct auth_sources *s)
{
	const char *usual;

	/* Nobody's password: only its hash is used, to take as long as a real one. */
	struct status st = password_make(&s->arena, s->config->password_scheme, SPAN_LIT("posthouse"), &usual);
	if (!status_ok(st)) {
		log_error("PASSWORD_SCHEME: %s: %s", s->config->password_scheme, st.text);
		return st;
	}
	s->passwords = password_cache_new(s->config->password_memory);
	s->host = (struct auth_host){ find_setting, s, s->passwords };
	return auth_chain_open(s->config->modules, &s->host, usual, &s->chain);
}

struct status
auth_sources_open(struct auth_sources *s, const struct auth_config *config)
{
	*s = (struct auth_sources){ .config = config };
	arena_init(&s->arena, 0);
	collect_settings(s);
	struct status st = open_chain(s);
	if (!status_ok(st))
		auth_sources_close(s);
	return st;
}

void
auth_sources_close(struct auth_sources *s)
{
	if (!s->config)
		return;
	auth_chain_free(&s->chain);
	password_cache_free(&s->passwords);
	arena_release(&s->arena);
	*s = (struct auth_sources){ .config = NULL };
}
