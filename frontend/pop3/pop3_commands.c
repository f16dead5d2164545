/*
 * pop3_commands.c - the index of commands
 */
#include "frontend/pop3/pop3_command.h"

const struct pop3_command pop3_commands[] = {
	/* name    legal when          takes              code             variant */
	{ "CAPA", POP3_ALWAYS,        POP3_NOTHING,      &pop3_capa_ops,  0 },
	{ "LANG", POP3_ALWAYS,        POP3_MAYBE_TEXT,   &pop3_lang_ops,  0 },
	{ "QUIT", POP3_ALWAYS,        POP3_NOTHING,      &pop3_quit_ops,  0 },

	{ "USER", POP3_AUTHORIZATION, POP3_TEXT,         &pop3_user_ops,  0 },
	{ "PASS", POP3_AUTHORIZATION, POP3_MAYBE_TEXT,   &pop3_pass_ops,  0 },
	{ "APOP", POP3_AUTHORIZATION, POP3_TEXT,         &pop3_apop_ops,  0 },
	{ "AUTH", POP3_AUTHORIZATION, POP3_MAYBE_TEXT,   &pop3_auth_ops,  0 },
	{ "STLS", POP3_AUTHORIZATION, POP3_NOTHING,      &pop3_stls_ops,  0 },
	{ "UTF8", POP3_AUTHORIZATION, POP3_NOTHING,      &pop3_utf8_ops,  0 },

	{ "STAT", POP3_TRANSACTION,   POP3_NOTHING,      &pop3_stat_ops,  0 },
	{ "LIST", POP3_TRANSACTION,   POP3_MAYBE_NUMBER, &pop3_list_ops,  0 },
	{ "UIDL", POP3_TRANSACTION,   POP3_MAYBE_NUMBER, &pop3_list_ops,  POP3_UIDL },
	{ "RETR", POP3_TRANSACTION,   POP3_NUMBER,       &pop3_retr_ops,  0 },
	{ "TOP",  POP3_TRANSACTION,   POP3_TWO_NUMBERS,  &pop3_retr_ops,  POP3_TOP },
	{ "DELE", POP3_TRANSACTION,   POP3_NUMBER,       &pop3_dele_ops,  0 },
	{ "RSET", POP3_TRANSACTION,   POP3_NOTHING,      &pop3_rset_ops,  0 },
	{ "NOOP", POP3_TRANSACTION,   POP3_NOTHING,      &pop3_noop_ops,  0 },
	{ NULL,   0,                  POP3_NOTHING,      NULL,            0 }
};

const struct pop3_command *
pop3_command_find(struct span name)
{
	for (const struct pop3_command *c = pop3_commands; c->name; c++)
		if (span_eq_nocase(span_str(c->name), name))
			return c;
	return NULL;
}
