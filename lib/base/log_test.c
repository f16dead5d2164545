/*
 * log_test.c - a line stays a line, in both formats, whatever stands in it
 */
#include "base/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char line[8192];

/* What log_warn(message) writes, from behind the time. */
static const char *
logged(enum log_format format, const char *trace, const char *message)
{
	int ends[2], terminal = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	log_set_format(format);
	log_set_trace(trace);
	log_warn("%s", message);
	log_set_trace(NULL);
	log_set_format(LOG_FORMAT_LOGFMT);
	dup2(terminal, STDERR_FILENO);
	close(terminal);
	close(ends[1]);
	ssize_t len = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	assert_true(len > 0);
	line[len] = '\0';
	char *level = strstr(line, format == LOG_FORMAT_JSON ? "\"level\"" : "level=");
	assert_non_null(level);
	return level;
}

struct row {
	const char *trace, *message, *logfmt, *json;
};

static const struct row rows[] = {
	{ NULL, "plain", "level=warn svc=test msg=\"plain\"\n",
	    "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"plain\"}\n" },
	{ "9f-1", "x", "level=warn svc=test trace=9f-1 msg=\"x\"\n",
	    "\"level\":\"warn\",\"svc\":\"test\",\"trace\":\"9f-1\",\"msg\":\"x\"}\n" },
	{ "a b\n\"c\\d", "x", "level=warn svc=test trace=a?b??c?d msg=\"x\"\n",
	    "\"level\":\"warn\",\"svc\":\"test\",\"trace\":\"a?b??c?d\",\"msg\":\"x\"}\n" },
	{ NULL, "a\"b\\c\r\nd", "level=warn svc=test msg=\"a\\\"b\\\\c\\x0d\\x0ad\"\n",
	    "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"a\\\"b\\\\c\\u000d\\u000ad\"}\n" },
	{ NULL, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x8e", "level=warn svc=test msg=\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x8e\"\n",
	    "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x8e\"}\n" },
	/* too long a form, half a surrogate, above the last, alone, cut */
	{ NULL, "\xc0\xaf", NULL, "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"\\ufffd\\ufffd\"}\n" },
	{ NULL, "\xed\xa0\x80", NULL, "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"\\ufffd\\ufffd\\ufffd\"}\n" },
	{ NULL, "\xf4\x90\x80\x80x", NULL,
	    "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"\\ufffd\\ufffd\\ufffd\\ufffdx\"}\n" },
	{ NULL, "\xff\xe2\x82", NULL, "\"level\":\"warn\",\"svc\":\"test\",\"msg\":\"\\ufffd\\ufffd\\ufffd\"}\n" },
};

static void
both_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].logfmt)
			assert_string_equal(logged(LOG_FORMAT_LOGFMT, rows[i].trace, rows[i].message), rows[i].logfmt);
		assert_string_equal(logged(LOG_FORMAT_JSON, rows[i].trace, rows[i].message), rows[i].json);
	}
}

/* Even when escaping makes more of it than there is room for. */
static void
long_lines_end(void **state)
{
	char message[6000];

	(void)state;
	memset(message, 1, sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	const char *json = logged(LOG_FORMAT_JSON, NULL, message);
	assert_string_equal(json + strlen(json) - 9, "\\u0001\"}\n");
	const char *logfmt = logged(LOG_FORMAT_LOGFMT, NULL, message);
	assert_string_equal(logfmt + strlen(logfmt) - 6, "\\x01\"\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats),
		cmocka_unit_test(long_lines_end),
	};

	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
