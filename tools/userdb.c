/*
 * userdb - look at and change accounts in the source that makeuserdb compiles
 *
 *	userdb [FILE/]NAME [-f FILE] set FIELD=VALUE ... FIELD ...
 *	userdb [FILE/]NAME [-f FILE] unset FIELD ...
 *	userdb [FILE/]NAME [-f FILE] del
 *	userdb -show [FILE | FILE/NAME | FILE NAME | -f FILE [NAME]]
 *
 * The source is $USERDB, or USERDB of authsvc.conf. When it is a directory,
 * FILE/NAME says which file in it. `set` of a FIELD without "=" reads its value from
 * standard input, one line each. Exits 0, 1 for failure, 64 for a wrong command line.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/userdb/userdb_edit.h"
#include "base/log.h"
#include "tools/accounts/userdb_place.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: userdb [FILE/]NAME [-f FILE] set FIELD=VALUE ... FIELD ...\n"
    "       userdb [FILE/]NAME [-f FILE] unset FIELD ...\n"
    "       userdb [FILE/]NAME [-f FILE] del\n"
    "       userdb -show [FILE | FILE/NAME | FILE NAME | -f FILE [NAME]]\n";

#define LONGEST_VALUE 4096

struct command {
	struct arena arena;
	const char *file;	/* -f, or found out */
	struct span name;
};

static int
usage(void)
{
	fputs(usage_text, stderr);
	return 64;
}

static int
report(const struct command *c, struct status st)
{
	if (!status_ok(st))
		fprintf(stderr, "userdb: %s: %.*s: %s\n", c->file, (int)c->name.len, c->name.at, st.text);
	return status_ok(st) ? 0 : 1;
}

static bool
is_directory(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Which file `what` is about, and which account in it (none: all of them). */
static void
find_place(struct command *c, const char *what)
{
	const char *slash = strrchr(what, '/');

	c->name = span_str(what);
	if (c->file)
		return;
	const char *source = userdb_place(&c->arena);
	c->file = source;
	if (!is_directory(source) || !*what)
		return;
	const char *whole = arena_printf(&c->arena, "%s/%s", source, what);
	if (!slash || is_directory(whole) || access(whole, F_OK) == 0) {
		c->file = whole;
		c->name = SPAN_LIT("");
	} else {
		c->file = arena_printf(&c->arena, "%s/%.*s", source, (int)(slash - what), what);
		c->name = span_str(slash + 1);
	}
}

static bool
read_value(struct command *c, struct span *out)
{
	char line[LONGEST_VALUE];

	if (!fgets(line, sizeof(line), stdin))
		return false;
	*out = arena_span(&c->arena, span_trim(span_str(line)));
	return true;
}

static int
change(struct command *c, bool set, char **fields, int count)
{
	struct userdb_change *changes = ARENA_ARRAY(&c->arena, (size_t)count, struct userdb_change);
	struct span *values = ARENA_ARRAY(&c->arena, (size_t)count, struct span);

	for (int i = 0; i < count; i++) {
		struct span rest = span_str(fields[i]);
		changes[i].field = set ? span_cut(&rest, '=') : rest;
		if (!set)
			continue;
		changes[i].value = &values[i];
		values[i] = rest;
		if (!rest.at && !read_value(c, &values[i])) {
			fprintf(stderr, "userdb: no value for %s on standard input\n", fields[i]);
			return 1;
		}
	}
	return report(c, userdb_edit_change(c->file, c->name, changes, (size_t)count));
}

static int
show(struct command *c, int argc, char **argv)
{
	struct buf out;

	if (argc && strcmp(argv[0], "-f") == 0) {
		if (argc < 2)
			return usage();
		c->file = argv[1];
		argc -= 2;
		argv += 2;
	}
	if (argc > 2 - (c->file != NULL))
		return usage();
	find_place(c, argc == 2 ? arena_printf(&c->arena, "%s/%s", argv[0], argv[1]) : argc ? argv[0] : "");
	if (is_directory(c->file)) {
		fprintf(stderr, "userdb: %s is a directory: say which file in it\n", c->file);
		return 1;
	}
	buf_init(&out, 0);
	struct status st = userdb_edit_show(c->file, c->name, &out);
	if (status_ok(st))
		fwrite(out.at, 1, out.len, stdout);
	buf_release(&out);
	return report(c, st);
}

static int
run(struct command *c, int argc, char **argv)
{
	const char *name = NULL;

	if (argc && strcmp(argv[0], "-show") == 0)
		return show(c, argc - 1, argv + 1);
	for (; argc && (!name || strcmp(argv[0], "-f") == 0); argc--, argv++) {
		if (strcmp(argv[0], "-f") == 0 && argc > 1) {
			c->file = argv[1];
			argc--, argv++;
		} else if (argv[0][0] == '-') {
			return usage();
		} else {
			name = argv[0];
		}
	}
	if (!name || argc == 0)
		return usage();
	find_place(c, name);
	if (strcmp(argv[0], "del") == 0 && argc == 1)
		return report(c, userdb_edit_delete(c->file, c->name));
	if (argc > 1 && (strcmp(argv[0], "set") == 0 || strcmp(argv[0], "unset") == 0))
		return change(c, argv[0][0] == 's', argv + 1, argc - 1);
	return usage();
}

int
main(int argc, char **argv)
{
	struct command c = { .file = NULL };

	tool_usage("userdb", usage_text, argc, argv);
	log_init("userdb", LOG_LEVEL_INFO);
	arena_init(&c.arena, 0);
	int code = run(&c, argc - 1, argv + 1);
	arena_release(&c.arena);
	return code;
}
