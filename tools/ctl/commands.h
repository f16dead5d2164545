/*
 * commands - what posthousectl can do
 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "tools/ctl/ctl.h"

struct command {
	const char *name;		/* one word or two: "user add" */
	const char *words;		/* what follows, for people    */
	const char *help;		/* one line                    */
	void (*run)(struct ctl *c);
};

/* Ends with a name of NULL. */
extern const struct command ctl_commands[];

/* The command that `words` begins with; *out_used: how many of them. NULL: none. */
const struct command *command_find(char **words, int count, int *out_used);

void cmd_status(struct ctl *c);
void cmd_who(struct ctl *c);
void cmd_kick(struct ctl *c);
void cmd_user_list(struct ctl *c);
void cmd_user_show(struct ctl *c);
void cmd_user_add(struct ctl *c);
void cmd_user_del(struct ctl *c);
void cmd_user_passwd(struct ctl *c);
void cmd_mailbox_list(struct ctl *c);
void cmd_mailbox_check(struct ctl *c);
void cmd_mailbox_rebuild(struct ctl *c);
void cmd_store_list(struct ctl *c);
void cmd_top(struct ctl *c);

/* cmd_kick.c: all sessions of an account, on all frontends; how many there were. */
unsigned kick_account(struct ctl *c, const char *account);

/* The words that may follow `first`, as "list, check, rebuild"; "" when it begins no command of two words. In the arena. */
const char *command_seconds(struct arena *a, const char *first);

#endif
