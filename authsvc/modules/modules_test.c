/*
 * modules_test.c - userdb and PAM, alone and one after the other
 */
#include "authsvc/modules/test_modules.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/chain.h"
#include "authsvc/password/password_make.h"
#include "authsvc/userdb/userdb_compile.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;
static const char *person;	/* a system account that is not root */

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path(name), span_str(text), mode)));
}

static const char *
setting(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "USERDB") == 0)
		return path("userdb");
	if (strcmp(name, "AUTH_MODULE_DIR") == 0)
		return test_modules_dir();
	if (strcmp(name, "PAM_CONFDIR") == 0)
		return path("pam.d");
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
verify(struct auth_chain *c, const char *account, const char *service, const char *password,
    struct auth_account *out)
{
	struct auth_query q = { .account = account, .service = service, .address = "192.0.2.7" };

	return auth_chain_verify(c, &arena, &q, span_str(password), out);
}

static void
test_userdb_rows(void **state)
{
	static const struct { const char *account, *service, *password; enum auth_result result; } rows[] = {
		{ "alice@example.test", "imap", "for-imap", AUTH_OK },
		{ "alice@example.test", "pop3", "for-all", AUTH_OK },
		{ "alice@example.test", "imap", "for-all", AUTH_REJECTED },	/* its own wins */
		{ "alice@example.test", "pop3", "for-imap", AUTH_REJECTED },
		{ "alice@example.test", "imap", "", AUTH_REJECTED },
		{ "alice", "imap", "for-imap", AUTH_REJECTED },
		{ "apps@example.test", "imap", "own", AUTH_OK },
		{ "apps@example.test", "imap", "for my phone", AUTH_OK },
		{ "apps@example.test", "imap", "for my printer", AUTH_REJECTED },
		{ "apps@example.test", "pop3", "for my printer", AUTH_OK },
		{ "apponly@example.test", "imap", "own", AUTH_REJECTED },
		{ "apponly@example.test", "imap", "for my phone", AUTH_OK },
		{ "nobody@example.test", "imap", "x", AUTH_REJECTED },
		{ "locked@example.test", "imap", "", AUTH_REJECTED },
		{ "locked@example.test", "imap", "*", AUTH_REJECTED },
		{ "silent@example.test", "imap", "", AUTH_REJECTED },		/* no password at all */
		{ "odd@example.test", "imap", "x", AUTH_TROUBLE },
		{ "homeless@example.test", "imap", "x", AUTH_TROUBLE },
		{ "homeless@example.test", "imap", "y", AUTH_REJECTED },
	};
	struct auth_chain *c = chain_of("userdb");
	struct auth_account got;

	(void)state;
	assert_null(auth_chain_missing(c));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (verify(c, rows[i].account, rows[i].service, rows[i].password, &got) != rows[i].result)
			fail_msg("%s, %s, %s", rows[i].account, rows[i].service, rows[i].password);
	assert_int_equal(verify(c, "alice@example.test", "imap", "for-imap", &got), AUTH_OK);
	assert_string_equal(got.name, "alice@example.test");
	assert_int_equal(got.uid, 1001);
	assert_int_equal(got.gid, 1002);
	assert_string_equal(got.home, "/home/alice");
	assert_string_equal(got.mail, "/mail/alice");
	assert_string_equal(got.quota, "1000S");
	assert_string_equal(got.options, "group=staff,disablepop3=1");
	assert_string_equal(got.full_name, "Alice A.");
	auth_chain_free(&c);
}

static void
test_the_query_says_which_password_it_was(void **state)
{
	struct auth_query q = { .account = "apps@example.test", .service = "imap", .address = "" };
	struct auth_chain *c = chain_of("userdb");
	struct auth_account got;

	(void)state;
	assert_int_equal(auth_chain_verify(c, &arena, &q, SPAN_LIT("for my phone"), &got), AUTH_OK);
	assert_string_equal(q.application, "phone");
	assert_int_equal(auth_chain_verify(c, &arena, &q, SPAN_LIT("own"), &got), AUTH_OK);
	assert_string_equal(q.application, "");
	auth_chain_free(&c);
}

static void
test_renewal_asks_for_no_password(void **state)
{
	struct auth_chain *c = chain_of("userdb,pam");
	struct auth_query q = { .account = "locked@example.test", .service = "imap", .address = "" };
	struct auth_account got;

	(void)state;
	assert_int_equal(auth_chain_lookup(c, &arena, &q, &got), AUTH_OK);
	assert_int_equal(got.uid, 5);
	q.account = arena_printf(&arena, "%s@example.test", person);
	assert_int_equal(auth_chain_lookup(c, &arena, &q, &got), AUTH_OK);
	assert_int_equal(got.uid, getpwnam(person)->pw_uid);
	q.account = "no-such-person@example.test";
	assert_int_equal(auth_chain_lookup(c, &arena, &q, &got), AUTH_REJECTED);
	q.account = arena_printf(&arena, "%s@example.test", person);
	q.service = "pop3";
	assert_int_equal(auth_chain_lookup(c, &arena, &q, &got), AUTH_REJECTED);
	auth_chain_free(&c);
}

static void
test_pam_rows(void **state)
{
	struct auth_chain *c = chain_of("pam");
	struct auth_account got;
	const char *account = arena_printf(&arena, "%s@example.test", person);
	const struct { const char *account, *service, *password; enum auth_result result; } rows[] = {
		{ account, "imap", "pam secret", AUTH_OK },
		{ person, "imap", "pam secret", AUTH_OK },
		{ account, "imap", "pam Secret", AUTH_REJECTED },
		{ account, "imap", "", AUTH_REJECTED },
		{ account, "pop3", "pam secret", AUTH_REJECTED },	/* right, but the account may not */
		{ account, "broken", "pam secret", AUTH_TROUBLE },	/* a module that cannot be loaded */
		{ account, "script", "pam secret", AUTH_OK },
		{ account, "script", "pam Secret", AUTH_REJECTED },	/* a script's no is PAM's "system error" */
		{ account, "absent", "pam secret", AUTH_TROUBLE },	/* no such service file */
		{ "root", "imap", "pam secret", AUTH_REJECTED },
		{ "../root", "imap", "pam secret", AUTH_REJECTED },
		{ "-x", "imap", "pam secret", AUTH_REJECTED },
		{ "@example.test", "imap", "pam secret", AUTH_REJECTED },
		{ "no-such-person", "imap", "pam secret", AUTH_REJECTED },	/* though this PAM lets all in */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (verify(c, rows[i].account, rows[i].service, rows[i].password, &got) != rows[i].result)
			fail_msg("%s, %s, %s", rows[i].account, rows[i].service, rows[i].password);
	assert_int_equal(verify(c, account, "imap", "pam secret", &got), AUTH_OK);
	assert_string_equal(got.name, account);
	assert_int_equal(got.uid, getpwnam(person)->pw_uid);
	assert_string_equal(got.home, getpwnam(person)->pw_dir);
	assert_string_equal(got.mail, "");
	auth_chain_free(&c);
}

static void
test_only_rejection_asks_the_next(void **state)
{
	struct auth_chain *c = chain_of("userdb pam");
	struct auth_account got;
	const char *account = arena_printf(&arena, "%s@example.test", person);

	(void)state;
	assert_int_equal(verify(c, account, "imap", "pam secret", &got), AUTH_OK);
	assert_int_equal(verify(c, "alice@example.test", "imap", "for-imap", &got), AUTH_OK);
	assert_int_equal(verify(c, "odd@example.test", "imap", "pam secret", &got), AUTH_TROUBLE);
	auth_chain_free(&c);
}

/* Asked twice for all that is or is not there, the work done is the same. */
static void
test_unknown_accounts_cost_a_hash(void **state)
{
	struct auth_chain *c;
	struct auth_account got;
	const char *slow;

	(void)state;
	assert_true(status_ok(password_make(&arena, "sha512", SPAN_LIT("for-all"), &slow)));
	assert_true(status_ok(auth_chain_open("userdb", &host, slow, &c)));
	clock_t begun = clock();
	for (int i = 0; i < 20; i++)
		assert_int_equal(verify(c, "slow@example.test", "imap", "wrong", &got), AUTH_REJECTED);
	clock_t known = clock() - begun;
	begun = clock();
	for (int i = 0; i < 20; i++)
		assert_int_equal(verify(c, "unknown@example.test", "imap", "wrong", &got), AUTH_REJECTED);
	clock_t unknown = clock() - begun;
	assert_true(unknown > known / 3 && known > unknown / 3);
	auth_chain_free(&c);
}

static void
test_settings_that_make_no_sense(void **state)
{
	static const char many[] = "userdb userdb userdb userdb userdb userdb userdb userdb "
	    "userdb userdb userdb userdb userdb userdb userdb userdb userdb userdb";
	static const char *const rows[] = { "", " , ", "ldapp", "userdb nosuch", "../auth-userdb", many };
	struct auth_chain *c = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(auth_chain_open(rows[i], &host, "*", &c).code, STATUS_INVALID);
	assert_null(c);
}

static void
make_pam_files(void)
{
	/* pam_exec turns any failure into "system error", hence the detour. */
	const char *checked = arena_printf(&arena,
	    "auth [success=1 default=ignore] pam_exec.so expose_authtok quiet %s\n"
	    "auth requisite pam_deny.so\nauth required pam_permit.so\n", path("check"));

	assert_int_equal(mkdir(path("pam.d"), 0755), 0);
	put("pam.d/imap", arena_printf(&arena, "%saccount required pam_permit.so\n", checked), 0644);
	put("pam.d/pop3", arena_printf(&arena, "%saccount required pam_deny.so\n", checked), 0644);
	put("pam.d/script", arena_printf(&arena, "auth required pam_exec.so expose_authtok quiet %s\n"
	    "account required pam_permit.so\n", path("check")), 0644);
	put("pam.d/broken", "auth required pam_no_such_module.so\naccount required pam_permit.so\n", 0644);
	put("check", "#!/bin/sh\n[ \"$PAM_RHOST\" = 192.0.2.7 ] && [ \"$(tr -d '\\0')\" = 'pam secret' ]\n", 0755);
}

static int
setup(void **state)
{
	const char *slow, *quick;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	person = getuid() == 0 ? "daemon" : arena_strdup(&arena, getpwuid(getuid())->pw_name);
	host.passwords = password_cache_new(60000);
	make_pam_files();
	if (!status_ok(password_make(&arena, "ssha", SPAN_LIT("for-all"), &quick)) ||
	    !status_ok(password_make(&arena, "sha512", SPAN_LIT("for-all"), &slow)))
		return -1;
	put("userdb", arena_printf(&arena,
	    "alice@example.test\tuid=1001|gid=1002|home=/home/alice|mail=/mail/alice|quota=1000S|"
	    "options=group=staff,disablepop3=1|gecos=Alice A.|shell=/bin/sh|systempw=%s|imappw={PLAIN}for-imap\n"
	    "apps@example.test\tuid=5|gid=5|home=/h|systempw={PLAIN}own|app-phone-pw={PLAIN}for my phone|"
	    "pop3-app-printer-pw={PLAIN}for my printer\n"
	    "apponly@example.test\tuid=5|gid=5|home=/h|systempw={PLAIN}own|app-phone-pw={PLAIN}for my phone|"
	    "options=apponly=1\n"
	    "locked@example.test\tuid=5|gid=5|home=/h|systempw=*\n"
	    "silent@example.test\tuid=5|gid=5|home=/h\n"
	    "odd@example.test\tuid=5|gid=5|home=/h|systempw={ROT13}k\n"
	    "homeless@example.test\tuid=5|gid=5|systempw={PLAIN}x\n"
	    "slow@example.test\tuid=5|gid=5|home=/h|systempw=%s\n", quick, slow), 0600);
	return status_ok(userdb_compile(path("userdb"), NULL)) ? 0 : -1;
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
		cmocka_unit_test(test_userdb_rows),
		cmocka_unit_test(test_the_query_says_which_password_it_was),
		cmocka_unit_test(test_renewal_asks_for_no_password),
		cmocka_unit_test(test_pam_rows),
		cmocka_unit_test(test_only_rejection_asks_the_next),
		cmocka_unit_test(test_unknown_accounts_cost_a_hash),
		cmocka_unit_test(test_settings_that_make_no_sense),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
