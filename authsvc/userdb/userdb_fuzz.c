/*
 * userdb_fuzz.c - any text as a source: what is compiled is what the lines say
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_pair.h"
#include "authsvc/userdb/userdb_record.h"
#include "authsvc/userdb/userdb_source.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "base/panic.h"
#include "base/test_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct test_folder folder;

static void
clean_up(void)
{
	test_folder_remove(&folder);
}

/* Each field of the line is on the side where it belongs, or on neither when an empty one. */
static void
check_line(const struct userdb_line *l, struct span shown, struct span secret)
{
	struct userdb_field f;
	struct span value;
	char name[64];

	if (l->reverse) {
		assert_that(span_eq(l->record, shown));
		return;
	}
	for (struct span rest = l->record; userdb_record_next(&rest, &f);) {
		if (!f.name.len || f.name.len >= sizeof(name) || span_index(f.name, '\0') < f.name.len)
			continue;
		memcpy(name, f.name.at, f.name.len);
		name[f.name.len] = '\0';
		assert_that(userdb_record_get(userdb_field_is_secret(&f) ? secret : shown, name, &value));
	}
}

static void
check_pair(const struct userdb_pair *p, struct span text)
{
	struct userdb_line l, *last;
	struct span name, shown, secret;
	struct arena a;
	struct map lines;

	arena_init(&a, 0);
	map_init(&lines);
	while (text.at) {
		if (!userdb_line_parse(span_cut(&text, '\n'), &l))
			continue;
		last = ARENA_NEW(&a, struct userdb_line);
		*last = l;
		map_put(&lines, l.name, last);
	}
	for (size_t at = 0; (last = map_next(&lines, &at, &name)) != NULL;) {
		assert_that(userdb_pair_find(p, name, &shown, &secret));
		check_line(last, shown, secret);
	}
	map_release(&lines);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char source[64], dat[72], shadow[72];
	struct userdb_pair *p;

	if (!source[0]) {
		log_set_level(LOG_LEVEL_ERROR);
		assert_that(test_folder_make(&folder) == 0);
		atexit(clean_up);
		snprintf(source, sizeof(source), "%s/userdb", folder.path);
		snprintf(dat, sizeof(dat), "%s.dat", source);
		snprintf(shadow, sizeof(shadow), "%sshadow.dat", source);
	}
	int fd = open(source, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_that(fd >= 0 && io_write_all(fd, span_of(data, size)));
	close(fd);
	assert_that(status_ok(userdb_compile(source, NULL)));
	assert_that(status_ok(userdb_pair_read(dat, shadow, &p)));
	check_pair(p, span_of(data, size));
	userdb_pair_free(&p);
	return 0;
}
