/*
 * options - one table per service from which everything about settings comes
 *
 * Values come from /etc/posthouse/SERVICE.conf (or --config=FILE), overridden
 * by the environment, overridden by --name=value. Unknown or malformed
 * values in the file or on the command line refuse the start, naming file and line. From the
 * same table come --help, --print-conf (the .conf.dist), --merge-conf=OLD (the same with what an operator
 * has set in OLD) and --print-man (the settings part of the manual page). --print-metrics is about lib/metrics.
 *
 *	static const struct option_def store_options[] = {
 *		OPTION_STRING(struct store_config, maildir_root, "MAILDIR_ROOT", "/var/mail/posthouse",
 *		    "directory that holds every account's home"),
 *		OPTION_INT(struct store_config, workers, "WORKERS", "0", 0, 1024, "threads; 0: twice the cores"),
 *		OPTION_END
 *	};
 */
#ifndef SERVICE_OPTIONS_H
#define SERVICE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

enum option_type {
	OPTION_TYPE_END,
	OPTION_TYPE_STRING,	/* char *                                       */
	OPTION_TYPE_INT,	/* int64_t within min..max                      */
	OPTION_TYPE_SIZE,	/* int64_t bytes; 4K 16M 2G are understood      */
	OPTION_TYPE_TIME,	/* int64_t milliseconds; 500ms 30s 5m 2h 1d; 30 is 30s */
	OPTION_TYPE_BOOL,	/* bool; 0 1 no yes off on false true           */
	OPTION_TYPE_ENUM,	/* int: index into `choices` ("mail|always|never") */
};

struct option_def {
	enum option_type type;
	size_t offset;		/* of the field in the service's config struct */
	const char *name;	/* "MAILDIR_ROOT"; --maildir-root=... on the command line */
	const char *fallback;	/* default, as text; NULL for STRING means unset */
	int64_t min, max;
	const char *choices;
	const char *help;	/* one or more lines */
};

#define OPTION_STRING(type, field, name, fallback, help) \
	{ OPTION_TYPE_STRING, offsetof(type, field), name, fallback, 0, 0, NULL, help }
#define OPTION_INT(type, field, name, fallback, min, max, help) \
	{ OPTION_TYPE_INT, offsetof(type, field), name, fallback, min, max, NULL, help }
#define OPTION_SIZE(type, field, name, fallback, min, max, help) \
	{ OPTION_TYPE_SIZE, offsetof(type, field), name, fallback, min, max, NULL, help }
#define OPTION_TIME(type, field, name, fallback, min, max, help) \
	{ OPTION_TYPE_TIME, offsetof(type, field), name, fallback, min, max, NULL, help }
#define OPTION_BOOL(type, field, name, fallback, help) \
	{ OPTION_TYPE_BOOL, offsetof(type, field), name, fallback, 0, 1, NULL, help }
#define OPTION_ENUM(type, field, name, fallback, choices, help) \
	{ OPTION_TYPE_ENUM, offsetof(type, field), name, fallback, 0, 0, choices, help }
#define OPTION_END { OPTION_TYPE_END, 0, NULL, NULL, 0, 0, NULL, NULL }

/*
 * For service.c and tests; a main() needs only the table.
 *
 * A file has lines NAME=value. Values may stand in single or double quotes; in
 * double quotes \" and \\ are understood. `#` begins a comment at the beginning
 * of a line or after a space, outside quotes. A name given twice: the later line counts.
 */
struct option_set {
	const struct option_def *defs;
	void *target;			/* the struct the offsets are in */
};

struct options_input {
	const char *default_file;	/* read if it exists; --config=FILE must exist */
	int argc;
	char **argv;
	char **environment;		/* as environ(7) */
};

enum options_action {
	OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_PRINT_CONF, OPTIONS_MERGE_CONF, OPTIONS_PRINT_MAN,
	OPTIONS_PRINT_METRICS
};

/*
 * Fill every target: defaults, file, environment, command line. Strings live
 * in the arena. INVALID: the text says what is wrong where, for the operator.
 */
MUST_USE struct status options_load(struct arena *a, const struct option_set *sets, size_t count,
    const struct options_input *input, enum options_action *out_action);

void options_print_help(FILE *to, const char *program, const struct option_set *sets, size_t count);
void options_print_conf(FILE *to, const struct option_set *sets, size_t count);
/* One setting of it: its name, what it means, its default as a comment. */
void options_print_setting(FILE *to, const struct option_def *def);
/*
 * As options_print_conf, with what the file `old` sets and what is valid still; what is not stays at the end, as a
 * comment. `notes` is told, a line each, which settings are new and which have gone. INVALID, NOT_FOUND and nothing
 * printed: `old` is no file of settings.
 */
MUST_USE struct status options_merge_conf(FILE *to, FILE *notes, struct arena *a, const struct option_set *sets,
    size_t count, const char *old);
/* The same to standard output, for the OLD of --merge-conf=OLD among the arguments; what the program exits with. */
int options_merge_argument(const char *program, struct arena *a, const struct option_set *sets, size_t count,
    int argc, char **argv);
void options_print_man(FILE *to, const struct option_set *sets, size_t count);

#endif
