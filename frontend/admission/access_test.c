/*
 * access_test.c - Courier's access files, and networks
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "frontend/admission/access.h"

static struct test_folder folder;

static int
set_up(void **state)
{
	(void)state;
	return test_folder_make(&folder);
}

static int
tear_down(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

static void
write_file(const char *name, const char *text)
{
	int dir = open(folder.path, O_RDONLY | O_DIRECTORY);

	assert_true(status_ok(io_replace_file(dir, name, span_str(text), 0600)));
	close(dir);
}

static struct status
load(const char *name, struct access **out)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder.path, name);
	return access_load(path, out);
}

static struct access_rule
find(const struct access *a, const char *text)
{
	struct in6_addr address;
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	assert_int_equal(inet_pton(AF_INET6, mapped, &address), 1);
	return access_find(a, &address);
}

static void
test_the_longest_prefix_counts(void **state)
{
	static const struct {
		const char *address;
		bool denied;
		int64_t most;
	} rows[] = {
		{ "192.168.0.1", true, -1 },
		{ "192.168.0.10", false, 100 },
		{ "192.168.1.10", false, 7 },
		{ "10.1.2.3", false, 0 },
		{ "10.129.2.3", true, -1 },
		{ "172.16.0.1", true, 3 },
		{ "2001:db8::1", true, -1 },
		{ "2001:db8:0:1::1", false, 5 },
		{ "2001:db8:0:1::2", false, 6 },
		{ "2001:db9::1", true, 3 },
	};
	struct access *a;

	(void)state;
	write_file("access", "# who may\n\n192.168.0\tdeny\n192.168.0.10\tallow,MAXCPERIP=100,VAR=value\n"
	    "192.168\tallow,MAXCPERIP=7\n10.0.0.0/8\tallow,MAXCPERIP=0\n10.128.0.0/9\t deny \n*\tdeny,MAXCPERIP=3\n"
	    ":2001:0db8\tdeny\n:2001:0db8:0000:0001\tallow,MAXCPERIP=5\n"
	    ":2001:0db8:0000:0001:0000:0000:0000:0002\tallow,MAXCPERIP=6");
	assert_true(status_ok(load("access", &a)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct access_rule rule = find(a, rows[i].address);
		assert_int_equal(rule.denied, rows[i].denied);
		assert_int_equal(rule.most, rows[i].most);
	}
	access_free(&a);
}

static void
test_bad_lines_are_refused(void **state)
{
	static const char *const rows[] = {
		"10.0.0.0", "10.0.0.0 deny", "10.0.0.0\t", "10.0.0.0\tmaybe", "10.0.0.256\tdeny", "1.2.3.4.5\tdeny",
		"10.0.0.0/33\tdeny", "10..1\tdeny", "\tdeny", ":20011\tdeny", ":200g\tdeny", ":1:2:3:4:5:6:7:8:9\tdeny",
		"*\tallow,MAXCPERIP=x", "*\tallow,MAXCPERIP", "example.test\tdeny",
	};
	struct access *a = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		write_file("bad", rows[i]);
		assert_int_equal(load("bad", &a).code, STATUS_INVALID);
		assert_null(a);
	}
	assert_int_equal(load("nowhere", &a).code, STATUS_NOT_FOUND);
}

static void
test_a_directory_is_its_files(void **state)
{
	char path[128];
	struct access *a;

	(void)state;
	snprintf(path, sizeof(path), "%s/many", folder.path);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file("many/one", "10\tdeny\n");
	write_file("many/two", "11\tdeny\n");
	write_file("many/two~", "12\tdeny\n");
	write_file("many/.three", "nonsense\n");
	assert_true(status_ok(load("many", &a)));
	assert_true(find(a, "10.0.0.1").denied);
	assert_true(find(a, "11.0.0.1").denied);
	assert_false(find(a, "12.0.0.1").denied);
	access_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_longest_prefix_counts),
		cmocka_unit_test(test_bad_lines_are_refused),
		cmocka_unit_test(test_a_directory_is_its_files),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
