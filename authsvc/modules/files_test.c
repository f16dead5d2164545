/*
 * files_test.c - accounts in files of other programs: passwd and shadow, vpopmail's vpasswd
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/chain.h"
#include "authsvc/modules/test_modules.h"
#include "authsvc/password/password_make.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;
static bool no_such_file;

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
put(const char *name, const char *text)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path(name), span_str(text), 0600)));
}

static const char *
setting(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "AUTH_MODULE_DIR") == 0)
		return test_modules_dir();
	if (strcmp(name, "PASSWD_FILE") == 0)
		return path(no_such_file ? "none" : "passwd");
	if (strcmp(name, "SHADOW_FILE") == 0)
		return path("shadow");
	if (strcmp(name, "VPASSWD_DOMAINS") == 0)
		return path("domains");
	if (strcmp(name, "DEFAULT_DOMAIN") == 0)
		return "example.test";
	return "";
}

static struct auth_host host = { .setting = setting };

static struct auth_chain *
chain_of(const char *names)
{
	struct auth_chain *c;

	assert_true(status_ok(auth_chain_open(names, &host, "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", &c)));
	return c;
}

static enum auth_result
verify(struct auth_chain *c, const char *account, const char *password, struct auth_account *out)
{
	struct auth_query q = { .account = account, .service = "imap", .address = "" };

	return auth_chain_verify(c, &arena, &q, span_str(password), out);
}

struct row {
	const char *account, *password;
	enum auth_result result;
};

static void
check_rows(struct auth_chain *c, const struct row *rows, size_t count)
{
	struct auth_account got;

	for (size_t i = 0; i < count; i++)
		if (verify(c, rows[i].account, rows[i].password, &got) != rows[i].result)
			fail_msg("%s, %s", rows[i].account, rows[i].password);
}

static void
test_passwd(void **state)
{
	static const struct row rows[] = {
		{ "alice@example.test", "secret", AUTH_OK },
		{ "alice", "secret", AUTH_OK },
		{ "alice@example.test", "Secret", AUTH_REJECTED },
		{ "alice@example.test", "x", AUTH_REJECTED },
		{ "alice@other.test", "secret", AUTH_REJECTED },
		{ "bob@example.test", "secret", AUTH_OK },		/* the hash is in passwd */
		{ "late@example.test", "secret", AUTH_REJECTED },	/* its day has come */
		{ "locked@example.test", "secret", AUTH_REJECTED },
		{ "locked@example.test", "", AUTH_REJECTED },
		{ "root@example.test", "secret", AUTH_REJECTED },
		{ "halved@example.test", "secret", AUTH_REJECTED },	/* not in shadow */
		{ "+nis@example.test", "secret", AUTH_REJECTED },	/* there, without a hash */
		{ "nobody@example.test", "secret", AUTH_REJECTED },
		{ "alice:x@example.test", "secret", AUTH_REJECTED },
	};
	struct auth_chain *c = chain_of("passwd");
	struct auth_account got;

	(void)state;
	check_rows(c, rows, COUNT_OF(rows));
	assert_int_equal(verify(c, "alice@example.test", "secret", &got), AUTH_OK);
	assert_string_equal(got.name, "alice@example.test");
	assert_int_equal(got.uid, 1001);
	assert_int_equal(got.gid, 1002);
	assert_string_equal(got.home, "/home/alice");
	assert_string_equal(got.full_name, "Alice A.");
	assert_string_equal(got.store, "");
	auth_chain_free(&c);
}

static void
test_a_file_that_is_not_there_is_trouble(void **state)
{
	struct auth_chain *c;
	struct auth_account got;

	(void)state;
	no_such_file = true;
	c = chain_of("passwd vpasswd");
	assert_int_equal(verify(c, "alice@vpop.test", "secret", &got), AUTH_TROUBLE);
	auth_chain_free(&c);
	no_such_file = false;
	c = chain_of("passwd vpasswd");
	assert_int_equal(verify(c, "alice@vpop.test", "secret", &got), AUTH_OK);
	auth_chain_free(&c);
}

static void
test_vpasswd(void **state)
{
	static const struct row rows[] = {
		{ "alice@vpop.test", "secret", AUTH_OK },
		{ "alice@vpop.test", "wrong", AUTH_REJECTED },
		{ "alice@alias.test", "secret", AUTH_OK },
		{ "clear@vpop.test", "in the clear", AUTH_OK },
		{ "clear@vpop.test", "In the clear", AUTH_REJECTED },
		{ "nopop@vpop.test", "secret", AUTH_OK },
		{ "none@vpop.test", "", AUTH_REJECTED },
		{ "short@vpop.test", "secret", AUTH_REJECTED },
		{ "homeless@vpop.test", "secret", AUTH_TROUBLE },
		{ "homeless@vpop.test", "wrong", AUTH_REJECTED },
		{ "alice@elsewhere.test", "secret", AUTH_REJECTED },
		{ "alice@empty.test", "secret", AUTH_REJECTED },
		{ "alice@../domains/vpop.test", "secret", AUTH_REJECTED },
		{ "alice@.", "secret", AUTH_REJECTED },
		{ "alice@", "secret", AUTH_REJECTED },
		{ "alice", "secret", AUTH_REJECTED },
		{ "@vpop.test", "secret", AUTH_REJECTED },
		{ "alice:@vpop.test", "secret", AUTH_REJECTED },
	};
	struct auth_query q = { .account = "nopop@vpop.test", .service = "imap", .address = "" };
	struct auth_chain *c = chain_of("vpasswd");
	struct auth_account got;

	(void)state;
	check_rows(c, rows, COUNT_OF(rows));
	assert_int_equal(verify(c, "alice@vpop.test", "secret", &got), AUTH_OK);
	assert_string_equal(got.home, "/v/alice");
	assert_string_equal(got.full_name, "Alice A.");
	assert_string_equal(got.quota, "1000S,10C");
	assert_string_equal(got.options, "");
	assert_int_equal(got.uid, getuid());
	assert_int_equal(got.gid, getgid());
	assert_int_equal(auth_chain_lookup(c, &arena, &q, &got), AUTH_OK);
	assert_string_equal(got.options, "disablepop3=1");
	assert_string_equal(got.quota, "");
	auth_chain_free(&c);
}

static int
setup(void **state)
{
	const char *hash;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	host.passwords = password_cache_new(60000);
	if (!status_ok(password_make(&arena, "sha256", SPAN_LIT("secret"), &hash)))
		return -1;
	put("passwd", arena_printf(&arena,
	    "root:x:0:0::/root:/bin/sh\nalice:x:1001:1002:Alice A.,Room 1,,:/home/alice:/bin/sh\n"
	    "bob:%s:1003:1003::/home/bob:/bin/sh\nlate:x:1004:1004::/home/late:/bin/sh\n"
	    "locked:x:1005:1005::/home/locked:/bin/sh\nhalved:x:1006:1006::/home/halved:/bin/sh\n"
	    "+nis:x:1007:1007::/home/nis:/bin/sh\n", hash));
	put("shadow", arena_printf(&arena,
	    "root:%s:1:0:99999:7:::\nalice:%s:1:0:99999:7:::\nlate:%s:1:0:99999:7::100:\nlocked:!%s:1:0:99999:7:::\n+nis\n",
	    hash, hash, hash, hash));
	assert_int_equal(mkdir(path("domains"), 0755), 0);
	assert_int_equal(mkdir(path("domains/vpop.test"), 0755), 0);
	assert_int_equal(mkdir(path("domains/empty.test"), 0755), 0);
	assert_int_equal(symlink("vpop.test", path("domains/alias.test")), 0);
	put("domains/vpop.test/vpasswd", arena_printf(&arena,
	    "alice:%s:1:0:Alice A.:/v/alice:1000S,10C:secret\nclear::1:0::/v/clear:NOQUOTA:in the clear\n"
	    "nopop:%s:1:2::/v/nopop:NOQUOTA\nnone::1:0::/v/none:NOQUOTA\nshort:%s:1:0\n"
	    "homeless:%s:1:0:::NOQUOTA\n", hash, hash, hash, hash));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	password_cache_free(&host.passwords);
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passwd),
		cmocka_unit_test(test_a_file_that_is_not_there_is_trouble),
		cmocka_unit_test(test_vpasswd),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
