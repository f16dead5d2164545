/*
 * imap_commands.c - the index of commands
 *
 * Each name with the states it is legal in, its code, what makes it different
 * from others that share the code, and whether messages may lose their numbers while it runs
 * (RFC 3501 7.4.1; the UID forms may tell of expunged messages).
 */
#include "frontend/imap/imap_ops.h"

const struct imap_command imap_commands[] = {
	/* name           legal when              code               variant             expunge */
	{ "CAPABILITY",   IMAP_ALWAYS,            &capability_ops,   0,                  IMAP_MAY_EXPUNGE },
	{ "NOOP",         IMAP_ALWAYS,            &noop_ops,         0,                  IMAP_MAY_EXPUNGE },
	{ "LOGOUT",       IMAP_ALWAYS,            &logout_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "ID",           IMAP_ALWAYS,            &id_ops,           0,                  IMAP_MAY_EXPUNGE },

	{ "STARTTLS",     IMAP_NOT_AUTHENTICATED, &starttls_ops,     0,                  IMAP_MAY_EXPUNGE },
	{ "AUTHENTICATE", IMAP_NOT_AUTHENTICATED, &authenticate_ops, 0,                  IMAP_MAY_EXPUNGE },
	{ "LOGIN",        IMAP_NOT_AUTHENTICATED, &login_ops,        0,                  IMAP_MAY_EXPUNGE },

	{ "ENABLE",       IMAP_LOGGED_IN,         &enable_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "SELECT",       IMAP_LOGGED_IN,         &select_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "EXAMINE",      IMAP_LOGGED_IN,         &select_ops,       IMAP_READ_ONLY,     IMAP_MAY_EXPUNGE },
	{ "CREATE",       IMAP_LOGGED_IN,         &create_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "DELETE",       IMAP_LOGGED_IN,         &delete_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "RENAME",       IMAP_LOGGED_IN,         &rename_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "SUBSCRIBE",    IMAP_LOGGED_IN,         &subscribe_ops,    0,                  IMAP_MAY_EXPUNGE },
	{ "UNSUBSCRIBE",  IMAP_LOGGED_IN,         &subscribe_ops,    IMAP_UNSUBSCRIBE,   IMAP_MAY_EXPUNGE },
	{ "LIST",         IMAP_LOGGED_IN,         &list_ops,         0,                  IMAP_MAY_EXPUNGE },
	{ "LSUB",         IMAP_LOGGED_IN,         &lsub_ops,         IMAP_LSUB,          IMAP_MAY_EXPUNGE },
	{ "NAMESPACE",    IMAP_LOGGED_IN,         &namespace_ops,    0,                  IMAP_MAY_EXPUNGE },
	{ "STATUS",       IMAP_LOGGED_IN,         &status_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "APPEND",       IMAP_LOGGED_IN,         &append_ops,       0,                  IMAP_MAY_EXPUNGE },
	{ "IDLE",         IMAP_LOGGED_IN,         &idle_ops,         0,                  IMAP_MAY_EXPUNGE },

	{ "CHECK",        IMAP_SELECTED,          &noop_ops,         0,                  IMAP_MAY_EXPUNGE },
	{ "CLOSE",        IMAP_SELECTED,          &close_ops,        0,                  IMAP_MAY_EXPUNGE },
	{ "UNSELECT",     IMAP_SELECTED,          &close_ops,        IMAP_KEEP_DELETED,  IMAP_MAY_EXPUNGE },
	{ "EXPUNGE",      IMAP_SELECTED,          &expunge_ops,      0,                  IMAP_MAY_EXPUNGE },
	{ "UID EXPUNGE",  IMAP_SELECTED,          &uid_expunge_ops,  IMAP_BY_UID,        IMAP_MAY_EXPUNGE },
	{ "SEARCH",       IMAP_SELECTED,          &search_ops,       0,                  IMAP_KEEPS_NUMBERS },
	{ "UID SEARCH",   IMAP_SELECTED,          &search_ops,       IMAP_BY_UID,        IMAP_MAY_EXPUNGE },
	{ "FETCH",        IMAP_SELECTED,          &fetch_ops,        0,                  IMAP_KEEPS_NUMBERS },
	{ "UID FETCH",    IMAP_SELECTED,          &fetch_ops,        IMAP_BY_UID,        IMAP_MAY_EXPUNGE },
	{ "STORE",        IMAP_SELECTED,          &store_ops,        0,                  IMAP_KEEPS_NUMBERS },
	{ "UID STORE",    IMAP_SELECTED,          &store_ops,        IMAP_BY_UID,        IMAP_MAY_EXPUNGE },
	{ "COPY",         IMAP_SELECTED,          &copy_ops,         0,                  IMAP_MAY_EXPUNGE },
	{ "UID COPY",     IMAP_SELECTED,          &copy_ops,         IMAP_BY_UID,        IMAP_MAY_EXPUNGE },
	{ "MOVE",         IMAP_SELECTED,          &copy_ops,         IMAP_MOVE,          IMAP_MAY_EXPUNGE },
	{ "UID MOVE",     IMAP_SELECTED,          &copy_ops,         IMAP_MOVE | IMAP_BY_UID, IMAP_MAY_EXPUNGE },
	{ NULL,           0,                      NULL,              0,                  IMAP_MAY_EXPUNGE }
};

const struct imap_command *
imap_command_find(struct span name)
{
	for (const struct imap_command *c = imap_commands; c->name; c++)
		if (span_eq_nocase(span_str(c->name), name))
			return c;
	return NULL;
}

/* command-name = atom, or "UID" SP atom */
static enum parse
command_name(struct imap_parser *p, const struct imap_command **out)
{
	struct span word, second;

	TRY(rule_atom(p, &word));
	if (!span_eq_nocase(word, SPAN_LIT("UID"))) {
		*out = imap_command_find(word);
		return PARSE_OK;
	}
	TRY(rule_space(p));
	TRY(rule_atom(p, &second));
	*out = imap_command_find(span_str(arena_printf(p->arena, "UID %.*s", (int)second.len, second.at)));
	return PARSE_OK;
}

enum parse
imap_command_name(struct imap_parser *p, struct span *out_tag, const struct imap_command **out)
{
	size_t start = p->at;
	enum parse result = rule_tag(p, out_tag);

	if (result == PARSE_OK)
		result = rule_space(p);
	if (result == PARSE_OK)
		result = command_name(p, out);
	return rule_settle(p, start, result);
}
