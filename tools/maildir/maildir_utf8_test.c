/*
 * maildir_utf8_test.c - names of old become names in UTF-8
 */
#include "tools/maildir/maildir_utf8.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;

static void
test_names(void **state)
{
	static const struct { const char *old, *new; } rows[] = {
		{ "Drafts", "Drafts" },
		{ "R&AOk-sum&AOk-", "R\xc3\xa9sum\xc3\xa9" },
		{ "A.R&AOk-.B", "A.R\xc3\xa9.B" },
		{ "a&-b", "a&-b" },
		{ "a&AC4-b", "a&AC4-b" },
		{ "R\xc3\xa9sum\xc3\xa9", "R\xc3\xa9sum\xc3\xa9" },
		{ "R\xc3\xa9&AOk-", "R\xc3\xa9&AOk-" },
		{ "INBOX", "INBOX" },
		{ "&broken", NULL },
		{ "A.&AOk", NULL },
		{ "b\xe9", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span new, again;
		bool good = maildir_utf8_name(&arena, span_str(rows[i].old), &new);
		if (good != (rows[i].new != NULL) || (good && !span_eq(new, span_str(rows[i].new))))
			fail_msg("%s", rows[i].old);
		if (good)
			assert_true(maildir_utf8_name(&arena, new, &again) && span_eq(new, again));
	}
}

static void
test_filters(void **state)
{
	static const struct { const char *old, *new; } rows[] = {
		{ "", "" },
		{ ".", "." },
		{ "to \"Maildir/.R&AOk-sum&AOk-/\"\n", "to \"Maildir/.R\xc3\xa9sum\xc3\xa9/\"\n" },
		{ "to Maildir/.A.R&AOk-\n.R&AOk-", "to Maildir/.A.R\xc3\xa9\n.R\xc3\xa9" },
		{ "if (/^To: a&b.c/) # R&AOk-", "if (/^To: a&b.c/) # R&AOk-" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		maildir_utf8_text(&arena, span_str(rows[i].old), &out);
		assert_true(span_eq(buf_view(&out), span_str(rows[i].new)));
		buf_release(&out);
	}
}

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
put(const char *name, const char *text)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path(name), span_str(text), 0640)));
}

static bool
holds(const char *name, const char *text)
{
	struct buf b;

	buf_init(&b, 0);
	assert_true(status_ok(io_read_path(path(name), 4096, &b)));
	bool same = span_eq(buf_view(&b), span_str(text));
	buf_release(&b);
	return same;
}

static enum status_code
convert(bool really)
{
	FILE *nowhere = fopen("/dev/null", "w");
	enum status_code code = maildir_utf8_convert(path("M"), path("filter"), really, nowhere).code;

	fclose(nowhere);
	return code;
}

static void
test_a_maildir(void **state)
{
	static const char subscribed[] = "INBOX.R&AOk-\nINBOX.Sent\n", filter[] = "to Maildir/.R&AOk-/\n";

	(void)state;
	assert_int_equal(mkdir(path("M"), 0700), 0);
	assert_int_equal(mkdir(path("M/cur"), 0700), 0);
	assert_int_equal(mkdir(path("M/.R&AOk-"), 0700), 0);
	assert_int_equal(mkdir(path("M/.Sent"), 0700), 0);
	assert_int_equal(mkdir(path("M/.&bad"), 0700), 0);
	put("M/courierimapsubscribed", subscribed);
	put("filter", filter);
	assert_int_equal(convert(true), STATUS_INVALID);
	assert_int_equal(rmdir(path("M/.&bad")), 0);
	assert_int_equal(mkdir(path("M/.R\xc3\xa9"), 0700), 0);
	assert_int_equal(convert(true), STATUS_INVALID);	/* two would be one */
	assert_int_equal(rmdir(path("M/.R\xc3\xa9")), 0);
	assert_int_equal(convert(false), STATUS_OK);
	assert_true(holds("M/courierimapsubscribed", subscribed) && holds("filter", filter));
	for (int times = 0; times < 2; times++) {
		assert_int_equal(convert(true), STATUS_OK);
		assert_true(holds("M/courierimapsubscribed", "INBOX.R\xc3\xa9\nINBOX.Sent\n"));
		assert_true(holds("filter", "to Maildir/.R\xc3\xa9/\n"));
		assert_int_equal(access(path("M/.R\xc3\xa9"), F_OK), 0);
		assert_int_equal(access(path("M/.R&AOk-"), F_OK), -1);
	}
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_a_maildir),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
