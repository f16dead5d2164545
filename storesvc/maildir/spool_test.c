/*
 * spool_test.c - a message on its way into a folder
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "storesvc/maildir/spool.h"

#define ID SPAN_LIT("0123456789abcdef")
#define FILE_OF_ID "tmp/upload-0123456789abcdef"

static struct test_folder folder;
static int dir = -1;

static int
set_up(void **state)
{
	(void)state;
	if (test_folder_make(&folder) < 0)
		return -1;
	dir = io_open_dir(AT_FDCWD, folder.path);
	return dir < 0 || mkdirat(dir, "tmp", 0700) < 0;
}

static int
tear_down(void **state)
{
	(void)state;
	close(dir);
	return test_folder_remove(&folder);
}

static unsigned
count_files(void)
{
	DIR *stream = opendir(test_folder_path(&folder, "tmp"));
	unsigned count = 0;

	while (readdir(stream))
		count++;
	closedir(stream);
	return count - 2;
}

/* Lines with CRLF, or with whatever comes. */
static struct span
make_text(char *room, size_t len, bool clean)
{
	for (size_t i = 0; i < len; i++) {
		bool ends = clean && i + 1 < len && test_below(40) == 0;
		room[i] = ends ? '\r' : clean ? 'x' : "x\r\n"[test_below(3)];
		if (ends)
			room[++i] = '\n';
	}
	return span_of(room, len);
}

static void
upload(struct span text)
{
	uint64_t end = 0;

	upload_remove(dir, ID);
	assert_true(status_ok(upload_write(dir, ID, 0, span_head(text, 1000), &end)));
	assert_true(status_ok(upload_write(dir, ID, end, span_skip(text, (size_t)end), &end)));
	assert_int_equal(end, text.len);
}

/* What is stored of an upload is what is stored of the same bytes in memory. */
static void
uploads_are_stored_like_other_literals(void **state)
{
	static const size_t sizes[] = { 1001, 262143, 262144, 262145, 1 << 20 };
	char *room = mem_alloc(1 << 20);

	(void)state;
	for (size_t i = 0; i < 2 * COUNT_OF(sizes); i++) {
		struct span text = make_text(room, sizes[i / 2], i % 2);
		struct literal memory = literal_in_memory(text), file;
		struct spool a, b;
		struct buf bytes;
		upload(text);
		assert_true(status_ok(upload_open(dir, ID, &file)));
		assert_true(status_ok(spool_write(dir, &memory, 1700000000, false, 4 << 20, &a)));
		assert_true(status_ok(spool_write(dir, &file, 1700000000, true, 4 << 20, &b)));
		assert_true(a.size == b.size && a.vsize == b.vsize && a.raw == b.raw && a.raw != (i % 2));
		buf_init(&bytes, 0);
		assert_true(status_ok(io_read_file(dir, b.file, 4 << 20, &bytes)));
		assert_true(span_eq(buf_view(&bytes), buf_view(&a.bytes)));
		assert_true(span_eq(buf_view(&bytes), buf_view(&b.bytes)));
		assert_int_equal(bytes.len, a.size);
		buf_release(&bytes);
		spool_release(&a);
		spool_release(&b);
		literal_release(&file);
		literal_release(&memory);
	}
	upload_remove(dir, ID);
	free(room);
	assert_int_equal(count_files(), 0);
}

/* Its owner does so at any time: it is an error for the call, and no signal. */
static void
an_upload_that_is_cut_short_is_refused(void **state)
{
	char *room = mem_alloc(1 << 20);
	struct span text = make_text(room, 1 << 20, true);
	struct literal file;
	struct spool s;

	(void)state;
	for (off_t left = 0; left < (1 << 20); left += 300000) {
		upload(text);
		assert_true(status_ok(upload_open(dir, ID, &file)));
		assert_int_equal(truncate(test_folder_path(&folder, FILE_OF_ID), left), 0);
		assert_int_equal(spool_write(dir, &file, 0, false, 4 << 20, &s).code, STATUS_INVALID);
		spool_release(&s);
		literal_release(&file);
		upload_remove(dir, ID);
		assert_int_equal(count_files(), 0);
	}
	free(room);
}

static void
an_empty_upload_is_empty(void **state)
{
	struct literal file;
	uint64_t end;

	(void)state;
	assert_int_equal(upload_open(dir, ID, &file).code, STATUS_NOT_FOUND);
	assert_true(status_ok(upload_write(dir, ID, 0, (struct span){ 0 }, &end)));
	assert_true(status_ok(upload_open(dir, ID, &file)));
	assert_int_equal(file.size, 0);
	literal_release(&file);
	upload_remove(dir, ID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(uploads_are_stored_like_other_literals),
		cmocka_unit_test(an_upload_that_is_cut_short_is_refused),
		cmocka_unit_test(an_empty_upload_is_empty),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
