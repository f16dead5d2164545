/*
 * imap_flags.c - flags as clients write them, for requests
 */
#include "frontend/imap/imap_command.h"

static const char *const system_flags[] = {
	"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"
};

/* NULL: clients cannot set it. */
static char *
flag_text(struct arena *a, struct span flag)
{
	if (flag.at[0] != '\\')
		return arena_strndup(a, flag.at, flag.len);
	for (size_t i = 0; i < sizeof(system_flags) / sizeof(system_flags[0]); i++)
		if (span_eq_nocase(flag, span_str(system_flags[i])))
			return arena_strdup(a, system_flags[i]);
	return NULL;
}

bool
imap_flags(struct arena *a, const struct imap_strings *flags, char ***out)
{
	char **texts = ARENA_ARRAY(a, flags->count, char *);

	for (size_t i = 0; i < flags->count; i++) {
		texts[i] = flag_text(a, flags->items[i]);
		if (texts[i] == NULL)
			return false;
	}
	*out = texts;
	return true;
}
