/*
 * secrets_test.c - what modules give away to those who answer challenges, and what they offer
 */
#include "authsvc/module_load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/account/account_secrets.h"
#include "authsvc/modules/test_modules.h"
#include "authsvc/userdb/userdb_compile.h"
#include "base/io.h"
#include "base/log.h"
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
put(const char *name, const char *text)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path(name), span_str(text), 0600)));
}

static const char *
setting(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "USERDB") == 0)
		return path("userdb");
	if (strcmp(name, "PASSWD_FILE") == 0)
		return path("passwd");
	if (strcmp(name, "VPASSWD_DOMAINS") == 0)
		return path("domains");
	return "";
}

static struct auth_host host = { .setting = setting };
static const struct auth_module *module;
static void *opened;

static void
open_module(const char *name)
{
	assert_true(status_ok(auth_module_load(test_modules_dir(), span_str(name), &module)));
	assert_true(status_ok(module->open(&host, &opened)));
}

static void
close_module(void)
{
	module->close(&opened);
	assert_null(opened);
}

struct row {
	const char *account, *service;
	const char *secrets;		/* name=stored, ...; NULL: no such account */
};

static const char *
joined(const struct auth_secrets *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++)
		text = arena_printf(&arena, "%s%s%s=%.*s", text, *text ? "," : "", list->at[i].name,
		    (int)list->at[i].stored.len, list->at[i].stored.at);
	return text;
}

static void
check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct auth_query q = { .account = rows[i].account, .service = rows[i].service, .address = "" };
		struct auth_secrets got = { .count = 0 };
		struct auth_account account;
		enum auth_result r = module->secrets(opened, &arena, &q, &account, &got);
		assert_int_equal(r, rows[i].secrets ? AUTH_OK : AUTH_REJECTED);
		if (!rows[i].secrets)
			continue;
		assert_string_equal(joined(&got), rows[i].secrets);
		assert_int_equal(account.home[0], '/');
		account_secrets_wipe(&got);
		for (size_t s = 0; s < got.count; s++)
			assert_int_equal(got.at[s].stored.at[0], '\0');
	}
}

static void
test_what_forms_are_good_for(void **state)
{
	static const struct { const char *stored; unsigned offers; } rows[] = {
		{ "$6$salt$hash", AUTH_OFFERS_PASSWORDS },
		{ "{SSHA}xyz", AUTH_OFFERS_PASSWORDS },
		{ "{PLAIN}x", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
		{ "{clear}x", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
		{ "{CLEARTEXT}x", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
		{ "{HMAC-MD5}00", AUTH_OFFERS_HMAC_MD5 },
		{ "{CRAM-MD5}00", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_HMAC_MD5 },
		{ "{HMAC-SHA1}00", AUTH_OFFERS_HMAC_SHA1 },
		{ "{HMAC-SHA256}00", AUTH_OFFERS_HMAC_SHA256 },
		{ "{SCRAM-SHA-1}x", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_SCRAM_SHA1 },
		{ "{SCRAM-SHA-256}x", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_SCRAM_SHA256 },
		{ "SCRAM-SHA-256$4096:x", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_SCRAM_SHA256 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(account_secret_offers(span_str(rows[i].stored)), rows[i].offers);
}

static void
test_a_list_grows(void **state)
{
	struct auth_secrets list = { .count = 0 };

	(void)state;
	account_secrets_add(&arena, &list, "none", SPAN_LIT(""));
	assert_int_equal(list.count, 0);
	for (int i = 0; i < 100; i++)
		account_secrets_add(&arena, &list, arena_printf(&arena, "%d", i), SPAN_LIT("x"));
	assert_int_equal(list.count, 100);
	for (int i = 0; i < 100; i++)
		assert_string_equal(list.at[i].name, arena_printf(&arena, "%d", i));
}

static void
test_userdb(void **state)
{
	static const struct row rows[] = {
		{ "hash@x.test", "imap", "=$6$s$h" },
		{ "hash@x.test", "pop3", "={PLAIN}for pop" },
		{ "cram@x.test", "imap", "=$6$s$h,={HMAC-MD5}aa,={HMAC-SHA256}bb" },
		{ "cram@x.test", "pop3", "=$6$s$h,={HMAC-MD5}cc,={HMAC-SHA256}bb" },
		{ "only@x.test", "imap", "={HMAC-SHA1}dd" },
		{ "apps@x.test", "imap", "=$6$s$h,phone=$5$a$b,my-mac={PLAIN}c,pc=$5$c$d" },
		{ "apps@x.test", "pop3", "=$6$s$h,phone=$5$a$b,my-mac={PLAIN}c,old-pc=$5$e$f" },
		{ "locked@x.test", "imap", "" },
		{ "silent@x.test", "imap", "" },
		{ "nobody@x.test", "imap", NULL },
	};

	(void)state;
	put("userdb", "hash@x.test\tuid=5|gid=5|home=/h|systempw=$6$s$h\n");
	assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
	open_module("userdb");
	assert_int_equal(module->offers(opened), AUTH_OFFERS_PASSWORDS);

	put("userdb", "hash@x.test\tuid=5|gid=5|home=/h|systempw=$6$s$h|pop3pw={PLAIN}for pop\n"
	    "cram@x.test\tuid=5|gid=5|home=/h|pop3-hmac-md5pw=cc|hmac-md5pw=aa|hmac-sha256pw=bb|systempw=$6$s$h\n"
	    "only@x.test\tuid=5|gid=5|home=/h|hmac-sha1pw=dd\n"
	    "apps@x.test\tuid=5|gid=5|home=/h|systempw=$6$s$h|app-phone-pw=$5$a$b|app--pw=x|app-my-mac-pw={PLAIN}c|"
	    "imap-app-pc-pw=$5$c$d|pop3-app-old-pc-pw=$5$e$f|app-none-pw|app-x=/pw\n"
	    "locked@x.test\tuid=5|gid=5|home=/h|systempw=*|hmac-md5pw=aa\n"
	    "silent@x.test\tuid=5|gid=5|home=/h\n");
	assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
	assert_int_equal(module->offers(opened), AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR | AUTH_OFFERS_HMAC_MD5 |
	    AUTH_OFFERS_HMAC_SHA1 | AUTH_OFFERS_HMAC_SHA256);
	check_rows(rows, COUNT_OF(rows));
	close_module();
}

static void
test_passwd(void **state)
{
	static const struct row rows[] = {
		{ "alice", "imap", "=$6$s$h" }, { "locked", "imap", "" }, { "nobody", "imap", NULL },
	};

	(void)state;
	put("passwd", "alice:$6$s$h:5:5::/h:/bin/sh\nlocked:!:6:6::/h:/bin/sh\n");
	open_module("passwd");
	assert_null(module->offers);
	check_rows(rows, COUNT_OF(rows));
	close_module();
}

static void
test_vpasswd(void **state)
{
	static const struct row rows[] = {
		{ "alice@vpop.test", "imap", "=$1$s$h" },
		{ "alice@clear.test", "imap", "=$1$s$h,={PLAIN}in the clear" },
		{ "nohash@clear.test", "imap", "={PLAIN}in the clear" },
		{ "locked@clear.test", "imap", "" },
		{ "nobody@clear.test", "imap", NULL },
	};

	(void)state;
	assert_int_equal(mkdir(path("domains"), 0755), 0);
	assert_int_equal(mkdir(path("domains/vpop.test"), 0755), 0);
	assert_int_equal(mkdir(path("domains/empty.test"), 0755), 0);
	put("domains/vpop.test/vpasswd", "alice:$1$s$h:1:0:A:/v/a:NOQUOTA\nbob:$1$s$h:1:0:A:/v/a:NOQUOTA:\n");
	open_module("vpasswd");
	assert_int_equal(module->offers(opened), AUTH_OFFERS_PASSWORDS);
	assert_int_equal(mkdir(path("domains/clear.test"), 0755), 0);
	put("domains/clear.test/vpasswd", "alice:$1$s$h:1:0:A:/v/a:NOQUOTA:in the clear\n"
	    "nohash::1:0:A:/v/a:NOQUOTA:in the clear\nlocked:*:1:0:A:/v/a:NOQUOTA:x\n");
	module->reload(opened);
	assert_int_equal(module->offers(opened), AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR);
	check_rows(rows, COUNT_OF(rows));
	close_module();
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
		cmocka_unit_test(test_what_forms_are_good_for),
		cmocka_unit_test(test_a_list_grows),
		cmocka_unit_test(test_userdb),
		cmocka_unit_test(test_passwd),
		cmocka_unit_test(test_vpasswd),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
