/*
 * cache_fuzz.c - any bytes as posthouse-cache: nothing found, or a record that is safe to use
 *
 * A checksum stops nearly all random bytes, so every other input is made into a
 * record with a right one first: what a program with a bug might have written.
 */
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/panic.h"
#include "mail/header.h"
#include "mail/mime_table.h"
#include "storesvc/cache/cache_fields.h"
#include "storesvc/cache/cache_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
directory(void)
{
	static int dir = -1;
	char path[] = "/tmp/cache_fuzz.XXXXXX";

	if (dir < 0) {
		assert_that(mkdtemp(path));
		dir = open(path, O_RDONLY | O_DIRECTORY);
		assert_that(dir >= 0);
	}
	return dir;
}

/* The file, with the head it should have in front. */
static void
write_file(int dir, struct span records)
{
	uint64_t length;
	struct cache_file *file = cache_file_open(dir, CACHE_FILE, 1, true, &length);

	assert_that(file);
	assert_that(pwrite(file->fd, records.at, records.len, CACHE_FILE_HEAD) == (ssize_t)records.len);
	cache_file_drop(&file);
}

static void
make_right(char *record, size_t len)
{
	uint32_t magic = 0x52434850u, length = (uint32_t)len;

	memcpy(record, &magic, sizeof(magic));
	memcpy(record + 4, &length, sizeof(length));
	uint64_t checksum = XXH3_64bits(record + 16, len - 16);
	memcpy(record + 8, &checksum, sizeof(checksum));
}

static void
use_record(const struct cache_record *r)
{
	struct span name = SPAN_LIT("Subject");
	struct mime_table table;
	struct mime_range range;
	struct arena a;
	struct buf out;

	arena_init(&a, 0);
	buf_init(&out, 0);
	buf_span(&out, r->envelope);
	buf_span(&out, r->body);
	buf_span(&out, r->bodystructure);
	if (mime_table_decode(&a, r->mime_table, r->size, &table) &&
	    mime_table_find(&table, (uint32_t[]){ 1 }, 1, MIME_SECTION_ALL, &range))
		assert_that(range.at <= r->size && range.len <= r->size - range.at);
	if (cache_fields_tell(r, &name, 1))
		header_select(r->fields, &name, 1, false, r->raw, &out);
	buf_release(&out);
	arena_release(&a);
}

struct found {
	struct cache *cache;
	uint32_t uid[64];
	uint64_t at[64];
	size_t count;
};

static void
visit(void *arg, uint32_t uid, uint64_t at)
{
	struct found *f = arg;

	if (f->count == 64)
		return;
	f->uid[f->count] = uid;
	f->at[f->count++] = at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int dir = directory();
	size_t len = size & ~(size_t)7;
	char *bytes = mem_alloc(size + 1);
	struct found found = { 0 };
	struct cache_reader reader;
	struct cache_record record;

	if (size)
		memcpy(bytes, data, size);
	bool right = size % 2 && len >= CACHE_RECORD_HEAD;
	if (right)
		make_right(bytes, len);
	write_file(dir, span_of(bytes, right ? len : size));

	struct cache *c = cache_open(dir, 1);
	assert_that(cache_walk_once(c, 0, 0, visit, &found));
	cache_reader_init(&reader, c);
	for (size_t i = 0; i < found.count; i++) {
		uint64_t message_size;
		struct span at = span_of(bytes + (found.at[i] - CACHE_FILE_HEAD), CACHE_RECORD_HEAD);
		memcpy(&message_size, at.at + 24, sizeof(message_size));
		if (cache_read(&reader, found.at[i], found.uid[i], message_size, &record))
			use_record(&record);
		assert_that(!cache_read(&reader, found.at[i], found.uid[i] + 1, message_size, &record));
	}
	cache_reader_release(&reader);
	cache_close(&c);
	free(bytes);
	return 0;
}
