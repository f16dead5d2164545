/*
 * posthousectl - see and direct running services
 *
 *	posthousectl [--config=FILE] [--SETTING=VALUE ...] [--json] COMMAND [WORD ...]
 *
 * What comes before the command are settings, what comes after it is the command's; --json may
 * stand anywhere. Relative paths in FILE, those of ipc:// addresses included, are relative to where FILE is. Exits
 * 0, 1 when all was done and something is not as it should be, or as sysexits(3) says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "service/version.h"
#include "service/service_place.h"
#include "tools/ctl/commands.h"
#include "tools/ctl/place.h"

static void
print_help(const struct option_set *set)
{
	printf("Usage: " CTL_PROGRAM " [--config=FILE] [--SETTING=VALUE ...] [--json] COMMAND [WORD ...]\n\n"
	    "Commands:\n");
	for (const struct command *command = ctl_commands; command->name; command++)
		printf("  %s %s\n      %s\n", command->name, command->words, command->help);
	printf("\n");
	options_print_help(stdout, CTL_PROGRAM, set, 1);
}

/* The file that is read when none is named. */
static const char *
ctl_config(struct ctl *c)
{
	return arena_printf(&c->arena, "%s/posthousectl.conf", service_place_etc(&c->arena));
}

/* Relative paths are meant from the file's place. */
static void
go_where_the_file_is(struct ctl *c)
{
	const char *slash = strrchr(c->config_file, '/');

	c->from = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!slash)
		return;
	const char *dir = arena_strndup(&c->arena, c->config_file, (size_t)(slash - c->config_file) + 1);
	/* The usual place need not exist: everything has a default. */
	if (chdir(dir) < 0 && strcmp(c->config_file, ctl_config(c)) != 0) {
		fprintf(stderr, CTL_PROGRAM ": %s: %s\n", dir, strerror(errno));
		exit(EX_CONFIG);
	}
}

/* Settings from the words before the command; exits for what needs no service. */
static void
load_settings(struct ctl *c, int argc, char **argv)
{
	struct option_set set = { ctl_options, &c->config };
	struct options_input input = { ctl_config(c), argc, argv, environ };
	enum options_action action;

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--config=", 9) == 0)
			c->config_file = argv[i] + 9;
	struct status st = options_load(&c->arena, &set, 1, &input, &action);
	if (!status_ok(st)) {
		fprintf(stderr, CTL_PROGRAM ": %s\n", st.text);
		exit(EX_CONFIG);
	}
	if (action == OPTIONS_RUN)
		return;
	if (action == OPTIONS_HELP)
		print_help(&set);
	else if (action == OPTIONS_VERSION)
		printf(CTL_PROGRAM " %s\n", POSTHOUSE_VERSION);
	else if (action == OPTIONS_PRINT_CONF)
		options_print_conf(stdout, &set, 1);
	else if (action == OPTIONS_MERGE_CONF)
		exit(options_merge_argument(CTL_PROGRAM, &c->arena, &set, 1, argc, argv));
	else
		options_print_man(stdout, &set, 1);
	exit(CTL_DONE);
}

/* --json wherever it stands. */
static int
take_json(struct ctl *c, int argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			c->json = true;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	return kept;
}

static void
run(struct ctl *c, int argc, char **argv)
{
	int used, settings = 1;

	argc = take_json(c, argc, argv);
	while (settings < argc && strncmp(argv[settings], "--", 2) == 0)
		settings++;
	load_settings(c, settings, argv);
	const struct command *command = command_find(argv + settings, argc - settings, &used);
	if (!command && settings < argc && *command_seconds(&c->arena, argv[settings]))
		ctl_usage(c, "\"%s\" is followed by one of: %s", argv[settings], command_seconds(&c->arena, argv[settings]));
	if (!command)
		ctl_usage(c, settings == argc ? "a command is needed" : "there is no command \"%s\"",
		    settings == argc ? "" : argv[settings]);
	go_where_the_file_is(c);
	c->command = command->name;
	c->words = argv + settings + used;
	c->word_count = argc - settings - used;
	command->run(c);
}

int
main(int argc, char **argv)
{
	struct ctl c = { .result = json_object() };

	log_init(CTL_PROGRAM, LOG_LEVEL_ERROR);
	arena_init(&c.arena, 0);
	c.config_file = ctl_config(&c);
	run(&c, argc, argv);
	if (c.json) {
		json_dumpf(c.result, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		printf("\n");
	}
	places_free(&c);
	json_decref(c.result);
	arena_release(&c.arena);
	return c.exit_code;
}
