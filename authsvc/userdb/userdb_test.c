/*
 * userdb_test.c - from source lines to look-ups, with files in every state
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_pair.h"
#include "authsvc/userdb/userdb_reader.h"
#include "authsvc/userdb/userdb_record.h"
#include "authsvc/userdb/userdb_source.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	unlink(path(name));
	int fd = open(path(name), O_WRONLY | O_CREAT | O_EXCL, mode);

	assert_true(fd >= 0 && io_write_all(fd, span_str(text)));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
compile(const char *name)
{
	assert_true(status_ok(userdb_compile(path(name), NULL)));
}

/* The record of `name`, or NULL; *secret may be NULL. */
static const char *
look_up(struct userdb_reader *r, const char *name, const char **secret)
{
	struct span shown, hidden;
	struct status st = userdb_reader_find(r, &arena, span_str(name), &shown, &hidden);

	assert_true(st.code == STATUS_OK || st.code == STATUS_NOT_FOUND);
	if (!status_ok(st))
		return NULL;
	if (secret)
		*secret = hidden.at;
	return shown.at;
}

static void
test_fields(void **state)
{
	struct span record = SPAN_LIT("uid=1|home=/h=x|quota|mail=|uid=2");
	struct span value = SPAN_LIT("9"), out;

	(void)state;
	assert_true(userdb_record_get(record, "uid", &out) && span_eq(out, SPAN_LIT("1")));
	assert_true(userdb_record_get(record, "home", &out) && span_eq(out, SPAN_LIT("/h=x")));
	assert_true(userdb_record_get(record, "quota", &out) && out.at == NULL);
	assert_true(userdb_record_get(record, "mail", &out) && out.at && out.len == 0);
	assert_false(userdb_record_get(record, "ui", &out));
	assert_string_equal(userdb_record_set(&arena, record, SPAN_LIT("uid"), &value).at,
	    "uid=9|home=/h=x|quota|mail=");
	assert_string_equal(userdb_record_set(&arena, record, SPAN_LIT("gid"), &value).at,
	    "uid=1|home=/h=x|quota|mail=|uid=2|gid=9");
	assert_string_equal(userdb_record_set(&arena, record, SPAN_LIT("home"), NULL).at,
	    "uid=1|quota|mail=|uid=2");
	assert_string_equal(userdb_record_set(&arena, SPAN_LIT(""), SPAN_LIT("a"), &value).at, "a=9");
}

static void
test_which_fields_are_secret(void **state)
{
	static const struct { const char *field; bool secret; } rows[] = {
		{ "systempw=x", true }, { "imappw=", true }, { "hmac-md5pw=x", true }, { "pw=x", true },
		{ "imap-hmac-sha256pw=ab", true }, { "systempw", false }, { "home=/x/pw=1", false },
		{ "mail=pw=", false }, { "pwx=1", false }, { "gecos=Andrew pw", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span rest = span_str(rows[i].field);
		struct userdb_field f;
		assert_true(userdb_record_next(&rest, &f));
		if (userdb_field_is_secret(&f) != rows[i].secret)
			fail_msg("%s", rows[i].field);
	}
}

static void
test_lines(void **state)
{
	static const struct { const char *text, *name, *record; bool reverse; } rows[] = {
		{ "alice\tuid=1", "alice", "uid=1", false },
		{ "alice\tuid=1\r", "alice", "uid=1", false },
		{ "alice\t", "alice", "", false },
		{ "a b@c\tgecos=x\ty", "a b@c", "gecos=x\ty", false },
		{ "1012=\tvmail", "1012=", "vmail", true },
		{ "x=\tvmail", "x=", "vmail", false },
		{ "# alice\tuid=1", NULL, NULL, false },
		{ "alice uid=1", NULL, NULL, false },
		{ "\tuid=1", NULL, NULL, false },
		{ "", NULL, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct userdb_line l;
		assert_int_equal(userdb_line_parse(span_str(rows[i].text), &l), rows[i].name != NULL);
		if (!rows[i].name)
			continue;
		assert_true(span_eq(l.name, span_str(rows[i].name)));
		assert_true(span_eq(l.record, span_str(rows[i].record)));
		assert_int_equal(l.reverse, rows[i].reverse);
	}
}

static void
test_a_file_is_compiled_and_looked_up(void **state)
{
	struct userdb_reader *r = userdb_reader_new(path("one"));
	struct stat info;
	const char *secret;

	(void)state;
	put("one", "alice\tuid=1|systempw=$6$x|home=/a|imappw=y\n"
	    "bob\tuid=2\nno tab here\n#c\tuid=3\n2=\tbob\nbob\tuid=4\n", 0600);
	compile("one");
	assert_string_equal(look_up(r, "alice", &secret), "uid=1|home=/a");
	assert_string_equal(secret, "systempw=$6$x|imappw=y");
	assert_string_equal(look_up(r, "bob", &secret), "uid=4");	/* the last one counts */
	assert_null(secret);
	assert_string_equal(look_up(r, "2=", NULL), "bob");
	assert_null(look_up(r, "#c", NULL));
	assert_null(look_up(r, "Alice", NULL));
	assert_null(look_up(r, "", NULL));
	assert_int_equal(stat(path("oneshadow.dat"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_not_equal(access(path("one.dat.new"), F_OK), 0);
	userdb_reader_free(&r);
}

static void
test_a_directory_is_read_with_what_is_below(void **state)
{
	struct userdb_reader *r = userdb_reader_new(path("many"));

	(void)state;
	assert_int_equal(mkdir(path("many"), 0700), 0);
	assert_int_equal(mkdir(path("many/sub"), 0700), 0);
	assert_int_equal(mkdir(path("many/.hidden"), 0700), 0);
	put("many/default", "alice\tuid=1\n", 0600);
	put("many/sub/users", "bob\tuid=2|imappw=x\n5=\tbob\n", 0600);
	put("many/.skipped", "carol\tuid=3\n", 0600);
	put("many/.hidden/users", "dave\tuid=3\n", 0600);
	compile("many");
	assert_string_equal(look_up(r, "alice", NULL), "uid=1|_=default/");
	assert_string_equal(look_up(r, "bob", NULL), "uid=2|_=sub/users/");
	assert_string_equal(look_up(r, "5=", NULL), "bob");
	assert_null(look_up(r, "carol", NULL));
	assert_null(look_up(r, "dave", NULL));
	userdb_reader_free(&r);
}

static void
test_what_is_refused(void **state)
{
	static const struct { mode_t dir, file; enum status_code code; } rows[] = {
		{ 0700, 0600, STATUS_OK },
		{ 0700, 0400, STATUS_OK },
		{ 0710, 0600, STATUS_DENIED },
		{ 0701, 0600, STATUS_DENIED },
		{ 0700, 0640, STATUS_DENIED },
		{ 0700, 0602, STATUS_DENIED },
	};

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(mkdir(path("strict"), 0700), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		put("strict/users", "alice\tuid=1\n", rows[i].file);
		assert_int_equal(chmod(path("strict"), rows[i].dir), 0);
		assert_int_equal(userdb_compile(path("strict"), NULL).code, rows[i].code);
		assert_int_equal(chmod(path("strict"), 0700), 0);
	}
	put("strict/users", "alice\tuid=1\n", 0600);
	assert_int_equal(symlink("users", path("strict/link")), 0);
	assert_int_equal(userdb_compile(path("strict"), NULL).code, STATUS_DENIED);
	assert_int_equal(unlink(path("strict/link")), 0);
	assert_int_equal(symlink("strict", path("linked")), 0);
	assert_int_equal(userdb_compile(path("linked"), NULL).code, STATUS_DENIED);

	/* Nor are results written through links. */
	assert_int_equal(unlink(path("strictshadow.dat")), 0);
	assert_int_equal(symlink("/dev/null", path("strictshadow.dat")), 0);
	assert_int_equal(userdb_compile(path("strict"), NULL).code, STATUS_DENIED);
	assert_int_equal(userdb_compile(path("absent"), NULL).code, STATUS_NOT_FOUND);
}

static void
test_the_last_good_pair_goes_on(void **state)
{
	struct userdb_reader *r = userdb_reader_new(path("live"));
	struct stat info;

	(void)state;
	assert_false(userdb_reader_ready(r));
	put("live", "alice\tuid=1|systempw=a\n", 0600);
	compile("live");
	assert_string_equal(look_up(r, "alice", NULL), "uid=1");

	/* Cut short where it is, as cp does it, while it is in use. */
	assert_int_equal(stat(path("live.dat"), &info), 0);
	const off_t sizes[] = { info.st_size - 1, 2049, 2048, 2047, 1, 0 };
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		assert_int_equal(truncate(path("live.dat"), sizes[i]), 0);
		assert_string_equal(look_up(r, "alice", NULL), "uid=1");
	}
	unlink(path("live.dat"));
	assert_string_equal(look_up(r, "alice", NULL), "uid=1");
	unlink(path("liveshadow.dat"));
	assert_string_equal(look_up(r, "alice", NULL), "uid=1");
	put("live.dat", "not a cdb", 0600);
	assert_string_equal(look_up(r, "alice", NULL), "uid=1");

	/* Whoever starts now has nothing to go on with, and says so instead of "unknown". */
	struct userdb_reader *fresh = userdb_reader_new(path("live"));
	struct span shown, secret;
	assert_int_equal(userdb_reader_find(fresh, &arena, SPAN_LIT("alice"), &shown, &secret).code,
	    STATUS_UNAVAILABLE);

	put("live", "alice\tuid=2|systempw=a\n", 0600);
	compile("live");
	assert_string_equal(look_up(r, "alice", NULL), "uid=2");
	assert_string_equal(look_up(fresh, "alice", NULL), "uid=2");
	userdb_reader_free(&r);
	userdb_reader_free(&fresh);
}

static void
test_halves_of_two_generations_are_not_joined(void **state)
{
	struct userdb_pair *p = NULL;

	(void)state;
	put("gen", "alice\tuid=1|systempw=old\n", 0600);
	compile("gen");
	assert_int_equal(rename(path("gen.dat"), path("kept.dat")), 0);
	put("gen", "alice\tuid=2|systempw=new\n", 0600);
	compile("gen");
	assert_int_equal(userdb_pair_read(path("kept.dat"), path("genshadow.dat"), &p).code, STATUS_CONFLICT);
	assert_null(p);
	assert_true(status_ok(userdb_pair_read(path("gen.dat"), path("genshadow.dat"), &p)));
	userdb_pair_free(&p);
}

/* Any accounts, compiled, are found again with exactly their fields; nothing else is. */
static void
test_property_what_is_written_is_found(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct userdb_reader *r = userdb_reader_new(path("any"));
		struct map expected;
		struct buf text;
		uint32_t lines = test_below(400);
		size_t accounts = SIZE_MAX;

		map_init(&expected);
		buf_init(&text, 0);
		for (uint32_t i = 0; i < lines; i++) {
			char name[24], record[64];
			snprintf(name, sizeof(name), "u%u@%c", test_below(300), 'a' + (char)test_below(3));
			snprintf(record, sizeof(record), "uid=%u|home=/h/%u%s", test_below(9), i,
			    test_below(2) ? "|quota" : "");
			buf_printf(&text, "%s\t%s|xpw=%u\n", name, record, i);
			free(map_put(&expected, span_str(name), mem_strdup(record)));
		}
		buf_char(&text, '\0');
		put("any", text.at, 0600);
		assert_true(status_ok(userdb_compile(path("any"), &accounts)));
		assert_int_equal(accounts, expected.count);

		struct span name;
		const char *secret, *record;
		for (size_t at = 0; (record = map_next(&expected, &at, &name));) {
			const char *copy = arena_strndup(&arena, name.at, name.len);
			assert_string_equal(look_up(r, copy, &secret), record);
			assert_non_null(secret);
			free((void *)record);
		}
		for (int i = 0; i < 300; i++) {
			const char *stranger = arena_printf(&arena, "u%u@%c", test_below(300), 'd');
			assert_null(look_up(r, stranger, NULL));
		}
		map_release(&expected);
		buf_release(&text);
		userdb_reader_free(&r);
	}
}

/* Whatever bits a disk turns round: an answer, or CORRUPT, but no crash and no record out of thin air. */
static void
test_property_damaged_files(void **state)
{
	struct buf good;
	int refused = 0;

	(void)state;
	put("bits", "alice\tuid=1|systempw=a\nbob\tuid=2|systempw=b\n", 0600);
	compile("bits");
	buf_init(&good, 0);
	assert_true(status_ok(io_read_file(AT_FDCWD, path("bits.dat"), 1 << 20, &good)));
	for (int round = 0; round < 3000; round++) {
		struct userdb_pair *p = NULL;
		struct span shown, secret;
		uint32_t at = test_below((uint32_t)good.len), bit = 1u << test_below(8);
		int fd = open(path("bits.dat"), O_WRONLY | O_TRUNC);
		good.at[at] = (char)(good.at[at] ^ bit);
		assert_true(io_write_all(fd, buf_view(&good)));
		good.at[at] = (char)(good.at[at] ^ bit);
		close(fd);
		if (!status_ok(userdb_pair_read(path("bits.dat"), path("bitsshadow.dat"), &p))) {
			refused++;
			continue;
		}
		userdb_pair_find(p, SPAN_LIT("alice"), &shown, &secret);
		userdb_pair_find(p, SPAN_LIT("nobody"), &shown, &secret);
		userdb_pair_free(&p);
	}
	assert_true(refused > 0);
	buf_release(&good);
}

struct crowd {
	struct userdb_reader *r;
	atomic_bool stop;
	atomic_int looked, wrong;
};

/* alice's uid and password always come from the same compilation. */
static void *
crowd_member(void *arg)
{
	struct crowd *c = arg;
	struct arena own;

	arena_init(&own, 0);
	while (!c->stop) {
		struct span shown, secret, uid, pw;
		struct status st = userdb_reader_find(c->r, &own, SPAN_LIT("alice"), &shown, &secret);
		if (!status_ok(st) || !userdb_record_get(shown, "uid", &uid) ||
		    !userdb_record_get(secret, "systempw", &pw) || !span_eq(uid, pw))
			c->wrong++;
		c->looked++;
		arena_reset(&own);
	}
	arena_release(&own);
	return NULL;
}

static void
test_readers_while_compiling(void **state)
{
	struct crowd c = { .r = userdb_reader_new(path("busy")) };
	pthread_t thread[3];

	(void)state;
	put("busy", "alice\tuid=0|systempw=0\n", 0600);
	compile("busy");
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_member, &c), 0);
	for (int i = 1; i <= 60; i++) {
		put("busy", arena_printf(&arena, "alice\tuid=%d|systempw=%d\n", i, i), 0600);
		compile("busy");
	}
	c.stop = true;
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(c.wrong, 0);
	assert_true(c.looked > 0);
	assert_string_equal(look_up(c.r, "alice", NULL), "uid=60");
	userdb_reader_free(&c.r);
}

static int
setup(void **state)
{
	(void)state;
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
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_which_fields_are_secret),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_a_file_is_compiled_and_looked_up),
		cmocka_unit_test(test_a_directory_is_read_with_what_is_below),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_the_last_good_pair_goes_on),
		cmocka_unit_test(test_halves_of_two_generations_are_not_joined),
		cmocka_unit_test(test_property_what_is_written_is_found),
		cmocka_unit_test(test_property_damaged_files),
		cmocka_unit_test(test_readers_while_compiling),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
