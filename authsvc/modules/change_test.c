/*
 * change_test.c - new passwords and lists of accounts, of every module that keeps them in files or behind a program
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/chain.h"
#include "authsvc/modules/test_modules.h"
#include "authsvc/password/password_hmac.h"
#include "authsvc/userdb/userdb_compile.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;
static const char *source;		/* USERDB */

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
content(const char *name)
{
	struct buf text;

	buf_init(&text, 0);
	assert_true(status_ok(io_read_path(path(name), 1 << 20, &text)));
	const char *copy = arena_strndup(&arena, text.at, text.len);
	buf_release(&text);
	return copy;
}

static const char *
setting(void *arg, const char *name)
{
	static const char *const files[][2] = {
		{ "PASSWD_FILE", "passwd" }, { "SHADOW_FILE", "shadow" }, { "VPASSWD_DOMAINS", "domains" },
		{ "AUTHPIPE", "prog" },
	};

	(void)arg;
	if (strcmp(name, "AUTH_MODULE_DIR") == 0)
		return test_modules_dir();
	if (strcmp(name, "USERDB") == 0)
		return path(source);
	if (strcmp(name, "PASSWORD_SCHEME") == 0)
		return "ssha";
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (strcmp(name, files[i][0]) == 0)
			return path(files[i][1]);
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
verify(struct auth_chain *c, const char *account, const char *service, const char *password)
{
	struct auth_query q = { .account = account, .service = service, .address = "" };
	struct auth_account got;

	return auth_chain_verify(c, &arena, &q, span_str(password), &got);
}

static enum auth_result
change(struct auth_chain *c, const char *account, const char *service, const char *old, const char *new)
{
	struct auth_query q = { .account = account, .service = service, .address = "" };
	struct auth_change both = { span_str(old), span_str(new) };

	return auth_chain_change(c, &arena, &q, &both);
}

static void
begin(void *arg, const char *module)
{
	buf_printf(arg, "# %s\n", module);
}

static bool
each(void *arg, const struct auth_account *account)
{
	buf_printf(arg, "%s %u %u %s %s %s\n", account->name, account->uid, account->gid, account->home, account->mail,
	    account->options);
	return strcmp(account->name, "last") != 0;
}

static const char *
list(struct auth_chain *c, enum auth_result expected)
{
	struct buf text;

	buf_init(&text, 0);
	assert_int_equal(auth_chain_enumerate(c, &arena, begin, each, &text), expected);
	const char *copy = arena_strndup(&arena, text.at ? text.at : "", text.len);
	buf_release(&text);
	return copy;
}

#define ALICE "alice@example.test\tuid=1|gid=2|home=/home/alice|mail=M|options=group=a"

static void
test_userdb_file(void **state)
{
	source = "userdb";
	put("userdb", "# kept\n" ALICE "|systempw={SHA}XN0neoPD5pecPGmZ5txHd4NmGz0=|imappw={PLAIN}for-imap\n"
	    "1=\talice@example.test\nbob@example.test\tuid=1|gid=1|home=/h|systempw={PLAIN}bob\n"
	    "homeless\tuid=1|gid=1|systempw={PLAIN}x\n", 0600);
	assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
	struct auth_chain *c = chain_of("userdb");

	(void)state;
	assert_string_equal(list(c, AUTH_OK), "# userdb\nalice@example.test 1 2 /home/alice M group=a\n"
	    "bob@example.test 1 1 /h  \n");
	assert_int_equal(change(c, "alice@example.test", "imap", "wrong", "new"), AUTH_REJECTED);
	assert_int_equal(change(c, "nobody@example.test", "imap", "x", "new"), AUTH_REJECTED);
	assert_int_equal(change(c, "alice@example.test", "imap", "for-imap", "a|b"), AUTH_REJECTED);
	assert_int_equal(change(c, "alice@example.test", "imap", "for-imap", "new"), AUTH_OK);
	assert_int_equal(verify(c, "alice@example.test", "imap", "new"), AUTH_OK);
	assert_int_equal(verify(c, "alice@example.test", "imap", "for-imap"), AUTH_REJECTED);
	assert_int_equal(verify(c, "alice@example.test", "pop3", "for-all"), AUTH_OK);
	assert_non_null(strstr(content("userdb"), "|systempw={SHA}XN0neoPD5pecPGmZ5txHd4NmGz0=|imappw={PLAIN}new\n"));
	assert_memory_equal(content("userdb"), "# kept\n", 7);
	assert_int_equal(change(c, "bob@example.test", "pop3", "bob", "robert"), AUTH_OK);
	assert_int_equal(verify(c, "bob@example.test", "imap", "robert"), AUTH_OK);
	/* Gone from the source, still compiled: it does not come back as half an account. */
	put("userdb", "alice@example.test\tuid=1|gid=2|home=/h\n", 0600);
	assert_int_equal(change(c, "bob@example.test", "imap", "robert", "x"), AUTH_TROUBLE);
	assert_null(strstr(content("userdb"), "bob"));
	auth_chain_free(&c);
}

/* Alice's line, with the states of both passwords where it says OLD and NEW. */
static const char *
line_of_alice(const char *fields)
{
	struct buf line;

	buf_init(&line, 0);
	buf_str(&line, ALICE "|");
	for (struct span rest = span_str(fields); rest.len; rest = span_skip(rest, 1)) {
		bool old = span_starts(rest, SPAN_LIT("OLD")), new = span_starts(rest, SPAN_LIT("NEW"));
		if (old || new)
			buf_str(&line, password_make_hmac(&arena, "MD5", old ? SPAN_LIT("old") : SPAN_LIT("new")));
		else
			buf_char(&line, rest.at[0]);
		if (old || new)
			rest = span_skip(rest, 2);
	}
	buf_char(&line, '\n');
	const char *copy = arena_strndup(&arena, line.at, line.len);
	buf_release(&line);
	return copy;
}

/* Otherwise the old password would go on being good for a challenge. */
static void
test_userdb_states_of_hashes(void **state)
{
	static const struct { const char *before, *after; } rows[] = {
		{ "systempw={PLAIN}old|hmac-md5pw=OLD", "systempw={PLAIN}new|hmac-md5pw=NEW" },
		{ "imappw={PLAIN}old|hmac-md5pw=OLD", "imappw={PLAIN}new|hmac-md5pw=OLD|imap-hmac-md5pw=NEW" },
		{ "imappw={PLAIN}old|imap-hmac-md5pw=OLD", "imappw={PLAIN}new|imap-hmac-md5pw=NEW" },
		{ "systempw={PLAIN}old|imap-hmac-md5pw=OLD|pop3-hmac-md5pw=OLD",
		    "systempw={PLAIN}new|imap-hmac-md5pw=NEW|pop3-hmac-md5pw=OLD" },
	};
	struct auth_chain *c;

	(void)state;
	source = "userdb";
	c = chain_of("userdb");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		put("userdb", line_of_alice(rows[i].before), 0600);
		assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
		assert_int_equal(change(c, "alice@example.test", "imap", "old", "new"), AUTH_OK);
		assert_string_equal(content("userdb"), line_of_alice(rows[i].after));
	}
	auth_chain_free(&c);
}

static void
test_userdb_directory(void **state)
{
	(void)state;
	source = "tree";
	assert_int_equal(mkdir(path("tree"), 0700), 0);
	assert_int_equal(mkdir(path("tree/example"), 0700), 0);
	put("tree/example/users", ALICE "|systempw={PLAIN}old\n", 0600);
	put("tree/others", "bob\tuid=1|gid=1|home=/h|systempw={PLAIN}old\n", 0600);
	assert_true(status_ok(userdb_compile(path("tree"), NULL)));
	struct auth_chain *c = chain_of("userdb");
	assert_int_equal(change(c, "alice@example.test", "imap", "old", "new"), AUTH_OK);
	assert_string_equal(content("tree/example/users"), ALICE "|systempw={PLAIN}new\n");
	assert_int_equal(verify(c, "alice@example.test", "imap", "new"), AUTH_OK);
	assert_int_equal(verify(c, "bob", "imap", "old"), AUTH_OK);
	auth_chain_free(&c);
}

static void
test_passwd(void **state)
{
	struct auth_chain *c = chain_of("passwd");

	(void)state;
	put("passwd", "root:x:0:0::/root:/bin/sh\nalice:x:5:6:A:/home/alice:/bin/sh\nlast:x:7:8::/l:\n"
	    "more:x:1:1::/m:\n", 0644);
	put("shadow", "alice:$1$x$MjDbCyLL.K69ZPyGLDoTI1:1:0:9:7:::\n", 0600);
	assert_string_equal(list(c, AUTH_OK), "# passwd\nalice 5 6 /home/alice  \nlast 7 8 /l  \n");
	auth_chain_free(&c);
}

static void
test_vpasswd(void **state)
{
	struct auth_chain *c = chain_of("vpasswd");
	static const char line[] = "alice:{SHA}XN0neoPD5pecPGmZ5txHd4NmGz0=:1:8:A:/v/alice:NOQUOTA:for-all:x";

	(void)state;
	assert_string_equal(list(c, AUTH_TROUBLE), "# vpasswd\n");
	assert_int_equal(mkdir(path("domains"), 0755), 0);
	assert_int_equal(mkdir(path("domains/example.test"), 0755), 0);
	assert_int_equal(mkdir(path("domains/empty.test"), 0755), 0);
	put("domains/stray", "x", 0644);
	put("domains/example.test/vpasswd", arena_printf(&arena, "%s\nbob:{PLAIN}old:1:0:B:/v/bob:1S\nbroken\n", line), 0600);
	assert_string_equal(list(c, AUTH_OK), arena_printf(&arena,
	    "# vpasswd\nalice@example.test %u %u /v/alice  disableimap=1\n"
	    "bob@example.test %u %u /v/bob  \n", getuid(), getgid(), getuid(), getgid()));
	assert_int_equal(change(c, "alice@example.test", "pop3", "for-all", "a:b"), AUTH_REJECTED);
	assert_int_equal(change(c, "alice@example.test", "pop3", "for-all", "a\nb"), AUTH_REJECTED);
	assert_int_equal(change(c, "alice@example.test", "pop3", "for-all", "new"), AUTH_OK);
	assert_string_equal(content("domains/example.test/vpasswd"), "alice:{SHA}wqawPxkN+ytKqR+K+NR3qbw0Adw=:1:8:A:/v/alice:"
	    "NOQUOTA:new:x\nbob:{PLAIN}old:1:0:B:/v/bob:1S\nbroken\n");
	assert_int_equal(verify(c, "alice@example.test", "pop3", "new"), AUTH_OK);
	assert_int_equal(change(c, "bob@example.test", "imap", "old", "b:c"), AUTH_REJECTED);
	assert_int_equal(change(c, "bob@example.test", "imap", "old", "new"), AUTH_OK);
	assert_int_equal(verify(c, "bob@example.test", "imap", "new"), AUTH_OK);
	auth_chain_free(&c);
}

static void
test_pipe(void **state)
{
	static const char program[] =
	    "#!/bin/sh\n"
	    "while IFS= read -r line; do case $line in\n"
	    "ENUMERATE) printf '# own\\n\\nalice\\t5\\t6\\t/srv/alice\\tM\\tgroup=a\\nbob\\t1\\t1\\t/b\\t\\nodd\\n.\\n' ;;\n"
	    "AUTH*) read -r s; read -r t; read -r u; read -r p; [ \"$p\" = 'old one' ] && "
	    "printf 'UID=5\\nGID=6\\nHOME=/srv\\nADDRESS=x\\n.\\n' || echo FAIL ;;\n"
	    "'PASSWD imap\talice\told one\tnew one') echo OK ;;\n"
	    "*) echo FAIL ;;\n"
	    "esac; done\n";

	(void)state;
	put("prog", program, 0755);
	struct auth_chain *c = chain_of("pipe");
	assert_string_equal(list(c, AUTH_OK), "# pipe\nalice 5 6 /srv/alice M group=a\nbob 1 1 /b  \n");
	assert_int_equal(change(c, "alice", "imap", "old one", "new one"), AUTH_OK);
	assert_int_equal(change(c, "alice", "imap", "old one", "newer"), AUTH_REJECTED);
	assert_int_equal(change(c, "alice", "imap", "old one", "new\tone"), AUTH_REJECTED);
	assert_int_equal(change(c, "alice", "imap", "older", "new one"), AUTH_REJECTED);
	auth_chain_free(&c);
}

/* Two modules know a bob: the one whose password was given is the one to be changed. */
static void
test_the_module_that_accepts_is_the_one_that_changes(void **state)
{
	source = "userdb";
	put("userdb", "bob@example.test\tuid=1|gid=1|home=/h|systempw={PLAIN}userdb's\n", 0600);
	assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
	put("domains/example.test/vpasswd", "bob:{PLAIN}vpasswd's:1:0:B:/v/bob:1S\n", 0600);
	struct auth_chain *c = chain_of("userdb vpasswd");

	(void)state;
	assert_int_equal(change(c, "bob@example.test", "imap", "vpasswd's", "new"), AUTH_OK);
	assert_int_equal(verify(c, "bob@example.test", "imap", "userdb's"), AUTH_OK);
	assert_int_equal(verify(c, "bob@example.test", "imap", "new"), AUTH_OK);
	assert_string_equal(content("domains/example.test/vpasswd"), "bob:{PLAIN}new:1:0:B:/v/bob:1S\n");
	auth_chain_free(&c);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	host.passwords = password_cache_new(60000);
	return test_folder_make(&folder);
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
		cmocka_unit_test(test_userdb_file),
		cmocka_unit_test(test_userdb_states_of_hashes),
		cmocka_unit_test(test_userdb_directory),
		cmocka_unit_test(test_passwd),
		cmocka_unit_test(test_vpasswd),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_the_module_that_accepts_is_the_one_that_changes),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
