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

#endif
