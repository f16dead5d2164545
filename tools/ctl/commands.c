/*
 * commands.c - the index
 */
#include "tools/ctl/commands.h"

#include <string.h>

const struct command ctl_commands[] = {
	/* name            words                       help */
	{ "status",        "",                         "every service: version, health, where it runs", cmd_status },
	{ "who",           "[ACCOUNT]",                "sessions on all frontends", cmd_who },
	{ "kick",          "[--now] ACCOUNT|SESSION",  "end sessions, with a goodbye", cmd_kick },
	{ NULL, NULL, NULL, NULL }
};

const struct command *
command_find(char **words, int count, int *out_used)
{
	for (const struct command *command = ctl_commands; command->name; command++) {
		struct span rest = span_str(command->name);
		int used = 0;
		while (rest.at && used < count && span_eq(span_cut(&rest, ' '), span_str(words[used])))
			used++;
		if (rest.at || used == 0 || strlen(command->name) == 0)
			continue;
		*out_used = used;
		return command;
	}
	return NULL;
}
