/*
 * oauth_account.c - the account that a token's name stands for
 */
#include "authsvc/oauth/oauth_account.h"

#include "base/buf.h"
#include "base/log.h"

/* One piece of a path: not hidden, not "..", not two pieces. */
static bool
is_piece(struct span s)
{
	return s.len && s.at[0] != '.' && span_index(s, '/') == s.len;
}

bool
oauth_account_path(struct arena *a, const char *template, const char *account, const char **out)
{
	struct span rest = span_str(template), name = span_str(account), domain = name;
	struct span local = span_cut(&domain, '@');
	const struct { struct span variable, value; } variables[] = {
		{ SPAN_LIT("$(account)"), name }, { SPAN_LIT("$(local_part)"), local }, { SPAN_LIT("$(domain)"), domain },
	};
	bool good = true;
	struct buf b;

	buf_init(&b, 0);
	while (rest.len && good) {
		size_t taken = 0;
		for (size_t i = 0; i < sizeof(variables) / sizeof(*variables) && !taken; i++) {
			if (!span_starts(rest, variables[i].variable))
				continue;
			taken = variables[i].variable.len;
			good = is_piece(variables[i].value);
			buf_span(&b, variables[i].value);
		}
		if (!taken)
			buf_char(&b, rest.at[0]);
		rest = span_skip(rest, taken ? taken : 1);
	}
	if (good)
		*out = b.len ? arena_strndup(a, b.at, b.len) : "";
	buf_release(&b);
	return good;
}

enum auth_result
oauth_account_fill(const struct oauth_settings *s, struct arena *a, const char *name, struct auth_account *out)
{
	struct auth_account account = {
		.name = name, .uid = s->uid, .gid = s->gid, .quota = "", .options = "", .full_name = "", .store = "",
	};

	if (!oauth_account_path(a, s->home, name, &account.home) ||
	    !oauth_account_path(a, s->maildir, name, &account.mail)) {
		log_info("OAuth: %s cannot be part of a path", name);
		return AUTH_REJECTED;
	}
	*out = account;
	return AUTH_OK;
}
