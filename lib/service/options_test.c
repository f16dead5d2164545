/*
 * options_test.c - settings from everywhere, and what is said when they are wrong
 */
#include "service/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"

struct config {
	char *root, *unset;
	int64_t workers, memory, poll_ms;
	bool plain;
	int sync;
};

static const struct option_def defs[] = {
	OPTION_STRING(struct config, root, "MAILDIR_ROOT", "/var/mail", "Where mail is.\nA directory."),
	OPTION_STRING(struct config, unset, "UNSET", NULL, "Nothing by default."),
	OPTION_INT(struct config, workers, "WORKERS", "4", 0, 64, "Threads."),
	OPTION_SIZE(struct config, memory, "MEMORY", "16M", 0, 0, "Budget."),
	OPTION_TIME(struct config, poll_ms, "POLL_SECONDS", "30s", 1, 3600000, "How often."),
	OPTION_BOOL(struct config, plain, "PLAIN", "no", "May be plain."),
	OPTION_ENUM(struct config, sync, "FSYNC", "mail", "mail|always|never", "When."),
	OPTION_END
};

static char path[] = "/tmp/options-test-XXXXXX";

static void
write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Load `file` as the settings file; `environment` and `argument` may be NULL. */
static struct status
load(struct arena *a, struct config *c, const char *file, const char *environment, const char *argument,
    enum options_action *action)
{
	struct option_set sets[] = { { defs, c } };
	char *argv[] = { (char *)"program", arena_printf(a, "--config=%s", path), (char *)argument, NULL };
	char *environ_list[] = { (char *)"HOME=/root", (char *)environment, NULL };
	struct options_input input = { NULL, argument ? 3 : 2, argv, environ_list };

	write_file(file);
	return options_load(a, sets, 1, &input, action);
}

static void
defaults(void **state)
{
	struct arena a;
	struct config c;
	enum options_action action = OPTIONS_HELP;

	(void)state;
	arena_init(&a, 0);
	assert_true(status_ok(load(&a, &c, "", NULL, NULL, &action)));
	assert_int_equal(action, OPTIONS_RUN);
	assert_string_equal(c.root, "/var/mail");
	assert_null(c.unset);
	assert_int_equal(c.workers, 4);
	assert_int_equal(c.memory, 16 << 20);
	assert_int_equal(c.poll_ms, 30000);
	assert_false(c.plain);
	assert_int_equal(c.sync, 0);
	arena_release(&a);
}

/* A line of the file and what MAILDIR_ROOT is then; NULL: refused. */
static const struct row {
	const char *line, *root;
} lines[] = {
	{ "MAILDIR_ROOT=/a", "/a" },
	{ "  MAILDIR_ROOT = /a b  ", "/a b" },
	{ "MAILDIR_ROOT=/a # comment", "/a" },
	{ "MAILDIR_ROOT=/a#b", "/a#b" },
	{ "MAILDIR_ROOT=", "" },
	{ "MAILDIR_ROOT=\"/a # b\" # c", "/a # b" },
	{ "MAILDIR_ROOT=\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d" },
	{ "MAILDIR_ROOT='a\\\"b'", "a\\\"b" },
	{ "MAILDIR_ROOT=\"\"", "" },
	{ "MAILDIR_ROOT=a=b", "a=b" },
	{ "# MAILDIR_ROOT=/a", "/var/mail" },
	{ "MAILDIR_ROOT=/a\r", "/a" },
	{ "MAILDIR_ROOT=\"a", NULL },
	{ "MAILDIR_ROOT='a' b", NULL },
	{ "MAILDIR_ROOT", NULL },
	{ "maildir_root=/a", NULL },
	{ "=/a", NULL },
};

static void
file_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct arena a;
		struct config c;
		enum options_action action;
		arena_init(&a, 0);
		struct status st = load(&a, &c, lines[i].line, NULL, NULL, &action);
		if (status_ok(st) != (lines[i].root != NULL))
			fail_msg("line %s: %s", lines[i].line, st.text);
		if (lines[i].root)
			assert_string_equal(c.root, lines[i].root);
		arena_release(&a);
	}
}

/* What is wrong is named with its place. */
static const struct wrong {
	const char *file, *environment, *argument, *say;
} wrongs[] = {
	{ "\n\nWORKERS=x\n", NULL, NULL, ":3: WORKERS must be a number, not \"x\"" },
	{ "WORKERS=65", NULL, NULL, ":1: WORKERS must be from 0 to 64, not \"65\"" },
	{ "WORKERS=99999999999999999999", NULL, NULL, ":1: WORKERS must be a number" },
	{ "WORKERS=-1", NULL, NULL, ":1: WORKERS must be a number" },
	{ "NOBODY=1", NULL, NULL, ":1: there is no setting NOBODY" },
	{ "MEMORY=1T", NULL, NULL, "MEMORY must be a size" },
	{ "MEMORY=99999999999G", NULL, NULL, "MEMORY must be a size" },
	{ "POLL_SECONDS=1y", NULL, NULL, "POLL_SECONDS must be a time" },
	{ "POLL_SECONDS=0", NULL, NULL, "POLL_SECONDS must be from 1 to 3600000 ms" },
	{ "FSYNC=sometimes", NULL, NULL, "FSYNC must be one of mail|always|never" },
	{ "", "PLAIN=maybe", NULL, "environment: PLAIN must be yes or no, not \"maybe\"" },
	{ "", NULL, "--plain=maybe", "command line: PLAIN must be yes or no" },
	{ "", NULL, "--nobody=1", "command line: there is no setting NOBODY" },
	{ "", NULL, "--workers", "--workers needs a value" },
	{ "", NULL, "workers=1", "\"workers=1\" is not understood" },
	{ "", NULL, "--config=/nonexistent/file", "/nonexistent/file: No such file" },
};

static void
errors_are_precise(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		const struct wrong *w = &wrongs[i];
		struct arena a;
		struct config c;
		enum options_action action;
		arena_init(&a, 0);
		struct status st = load(&a, &c, w->file, w->environment, w->argument, &action);
		if (st.code != STATUS_INVALID || !strstr(st.text, w->say))
			fail_msg("row %zu: \"%s\" is not \"%s\"", i, st.text, w->say);
		arena_release(&a);
	}
}

static void
later_sources_win(void **state)
{
	struct arena a;
	struct config c;
	enum options_action action;

	(void)state;
	arena_init(&a, 0);
	assert_true(status_ok(load(&a, &c, "WORKERS=1\nWORKERS=2\nMEMORY=4k\nFSYNC=NEVER\nPLAIN=On\nPOLL_SECONDS=2m",
	    NULL, NULL, &action)));
	assert_int_equal(c.workers, 2);
	assert_int_equal(c.memory, 4096);
	assert_int_equal(c.sync, 2);
	assert_true(c.plain);
	assert_int_equal(c.poll_ms, 120000);
	assert_true(status_ok(load(&a, &c, "WORKERS=1", "WORKERS=2", NULL, &action)));
	assert_int_equal(c.workers, 2);
	assert_true(status_ok(load(&a, &c, "WORKERS=1", "WORKERS=2", "--workers=3", &action)));
	assert_int_equal(c.workers, 3);
	assert_true(status_ok(load(&a, &c, "", NULL, "--maildir-root=", &action)));
	assert_string_equal(c.root, "");
	arena_release(&a);
}

/* Help is given however broken the file is. */
static void
actions(void **state)
{
	static const struct { const char *argument; enum options_action action; } rows[] = {
		{ "--help", OPTIONS_HELP }, { "--version", OPTIONS_VERSION },
		{ "--print-conf", OPTIONS_PRINT_CONF }, { "--print-man", OPTIONS_PRINT_MAN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena a;
		struct config c;
		enum options_action action = OPTIONS_RUN;
		arena_init(&a, 0);
		assert_true(status_ok(load(&a, &c, "NOBODY=1", NULL, rows[i].argument, &action)));
		assert_int_equal(action, rows[i].action);
		arena_release(&a);
	}
}

/* What --print-conf writes is itself a settings file that changes nothing, and does with its # removed. */
static void
printed_conf_reads_back(void **state)
{
	struct config c;
	struct option_set sets[] = { { defs, &c } };
	struct arena a;
	enum options_action action;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	arena_init(&a, 0);
	options_print_conf(to, sets, 1);
	fclose(to);
	assert_true(status_ok(load(&a, &c, text, NULL, NULL, &action)));
	for (char *at = text; (at = strstr(at, "\n#WORKERS=")) != NULL; at++)
		at[1] = ' ';
	assert_non_null(strstr(text, "\n WORKERS=4\n"));
	assert_true(status_ok(load(&a, &c, text, NULL, NULL, &action)));
	assert_int_equal(c.workers, 4);
	free(text);
	arena_release(&a);
}

static char *
merged(const char *old, char **out_notes, struct status *out_status)
{
	struct config c;
	struct option_set sets[] = { { defs, &c } };
	char *text = NULL;
	size_t len = 0, notes_len = 0;
	struct arena a;

	write_file(old);
	FILE *to = open_memstream(&text, &len), *notes = open_memstream(out_notes, &notes_len);
	arena_init(&a, 0);
	*out_status = options_merge_conf(to, notes, &a, sets, 1, path);
	arena_release(&a);
	fclose(to);
	fclose(notes);
	return text;
}

/* An operator's lines stand where the defaults are; what is no longer right is kept and said. */
static void
merging(void **state)
{
	struct config c;
	enum options_action action;
	struct status st;
	struct arena a;
	char *notes;

	(void)state;
	char *text = merged("##NAME: WORKERS\n# my reason\nWORKERS=7   # many\n##NAME: POLL_SECONDS\n#POLL=1\n"
	    "MAILDIR_ROOT = \"/srv/my \\\"mail\\\"\"\nGONE=yes\nPLAIN=perhaps\n", &notes, &st);
	assert_true(status_ok(st));
	assert_non_null(strstr(text, "\n#WORKERS=4\nWORKERS=7   # many\n"));
	assert_non_null(strstr(text, "# GONE is no setting any more:\n#GONE=yes\n"));
	assert_non_null(strstr(text, "# PLAIN must be yes or no:\n#PLAIN=perhaps\n"));
	assert_non_null(strstr(notes, "left out: GONE is no setting any more\n"));
	assert_non_null(strstr(notes, "new: PLAIN\n"));
	assert_null(strstr(notes, "new: WORKERS"));
	assert_null(strstr(notes, "new: MAILDIR_ROOT"));
	arena_init(&a, 0);
	assert_true(status_ok(load(&a, &c, text, NULL, NULL, &action)));
	assert_int_equal(c.workers, 7);
	assert_string_equal(c.root, "/srv/my \"mail\"");
	arena_release(&a);
	free(notes);

	char *again = merged(text, &notes, &st);
	assert_true(status_ok(st));
	assert_string_equal(notes, "");
	free(again);
	free(notes);
	free(text);

	text = merged("if [ -x /bin/sh ]\nthen WORKERS=7\n", &notes, &st);
	assert_int_equal(st.code, STATUS_INVALID);
	assert_string_equal(text, "");
	free(notes);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(file_lines),
		cmocka_unit_test(errors_are_precise),
		cmocka_unit_test(later_sources_win),
		cmocka_unit_test(actions),
		cmocka_unit_test(printed_conf_reads_back),
		cmocka_unit_test(merging),
	};
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
