/*
 * commands.c - the index
 */
#include "tools/ctl/commands.h"

const struct command ctl_commands[] = {
	{ "status", "",
	    "every service: version, health, where it runs", cmd_status },
	{ "who", "[ACCOUNT]",
	    "sessions on all frontends", cmd_who },
	{ "kick", "[--now] ACCOUNT|SESSION",
	    "end sessions, with a goodbye", cmd_kick },
	{ "user list", "",
	    "all accounts", cmd_user_list },
	{ "user show", "ACCOUNT",
	    "what is known of one", cmd_user_show },
	{ "user add", "[--home=DIR] [--maildir=DIR] [--uid=N --gid=N] [--quota=Q] [--options=O] [--full-name=N] "
	    "[--module=M] ACCOUNT",
	    "a new account; its password is asked for, or a line of standard input", cmd_user_add },
	{ "user passwd", "[--service=imap|pop3] ACCOUNT",
	    "a new password, likewise", cmd_user_passwd },
	{ "user del", "[--kick] ACCOUNT",
	    "no account any more; its mail stays", cmd_user_del },
	{ "mailbox list", "ACCOUNT",
	    "an account's mailboxes", cmd_mailbox_list },
	{ "mailbox check", "[--deep] ACCOUNT [MAILBOX]",
	    "see whether names, UIDs, sizes, index and cache are right", cmd_mailbox_check },
	{ "mailbox rebuild", "ACCOUNT [MAILBOX]",
	    "forget index and cache, and make them again", cmd_mailbox_rebuild },
	{ "store list", "[--count]",
	    "the stores: accounts, disk, and with --count their messages", cmd_store_list },
	{ "top", "[--interval-ms=N] [--count=N]",
	    "commands, calls and sessions as they happen, until q is pressed", cmd_top },
	{ NULL, NULL, NULL, NULL }
};

/* How many words of a name `words` begins with; 0: not with all of them. */
static int
matches(const char *name, char **words, int count)
{
	struct span rest = span_str(name);
	int used = 0;

	while (rest.at) {
		if (used == count || !span_eq(span_cut(&rest, ' '), span_str(words[used])))
			return 0;
		used++;
	}
	return used;
}

const struct command *
command_find(char **words, int count, int *out_used)
{
	for (const struct command *command = ctl_commands; command->name; command++)
		if ((*out_used = matches(command->name, words, count)))
			return command;
	return NULL;
}

const char *
command_seconds(struct arena *a, const char *first)
{
	const char *list = "";

	for (const struct command *command = ctl_commands; command->name; command++) {
		struct span rest = span_str(command->name);
		if (span_eq(span_cut(&rest, ' '), span_str(first)) && rest.at)
			list = arena_printf(a, "%s%s%.*s", list, *list ? ", " : "", (int)rest.len, rest.at);
	}
	return list;
}
