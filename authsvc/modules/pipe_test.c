/*
 * pipe_test.c - a program of the operator's, well-behaved and not
 */
#include <fcntl.h>
#include <unistd.h>

#include "authsvc/chain.h"
#include "authsvc/modules/test_modules.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

/* Knows alice by her password; dies of "die", keeps the others waiting or babbles as they are named. */
static const char program[] =
    "#!/bin/sh\n"
    "echo started >>\"$0.starts\"\n"
    "answer() { printf 'ADDRESS=%s\\nHOME=/srv/%s\\nNAME=N\\nUID=5\\nGID=6\\nMAILDIR=M\\nQUOTA=1S\\n"
    "OPTIONS=group=a=b\\nPASSWD2=x\\n.\\n' \"$1\" \"$1\"; }\n"
    "while read -r verb rest; do\n"
    "	if [ \"$verb\" = AUTH ]; then\n"
    "		read -r service; read -r type; read -r user; read -r password\n"
    "		line=\"$service\n$type\n$user\n$password\n.\"; [ $((${#line} - 1)) = \"$rest\" ] || exit 1\n"
    "	else\n"
    "		user=${rest##* }; password=secret; service=${rest#. }; service=${service% *}\n"
    "	fi\n"
    "	case $user in\n"
    "	die) exit 0 ;;\n"
    "	after) answer \"$user\"; exit 0 ;;\n"
    "	hang) sleep 60 ;;\n"
    "	homeless) printf 'UID=1\\nGID=1\\n.\\n' ;;\n"
    "	system) printf 'USERNAME=daemon\\nHOME=/d\\n.\\n' ;;\n"
    "	babble) while :; do echo X=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done ;;\n"
    "	alice) [ \"$password\" = secret ] && [ \"$service\" = imap ] && answer alice || echo FAIL ;;\n"
    "	*) echo FAIL ;;\n"
    "	esac\n"
    "done\n";

static struct test_folder folder;
static struct arena arena;

static const char *
setting(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "AUTH_MODULE_DIR") == 0)
		return test_modules_dir();
	return strcmp(name, "AUTHPIPE") == 0 ? arena_printf(&arena, "%s/prog", folder.path) : "";
}

static struct auth_host host = { .setting = setting };
static struct auth_chain *chain;

static enum auth_result
verify(const char *account, const char *service, const char *password, struct auth_account *out)
{
	struct auth_query q = { .account = account, .service = service, .address = "" };

	return auth_chain_verify(chain, &arena, &q, span_str(password), out);
}

static size_t
starts(void)
{
	struct buf text;
	size_t count = 0;

	buf_init(&text, 0);
	assert_true(status_ok(io_read_path(arena_printf(&arena, "%s/prog.starts", folder.path), 1 << 20, &text)));
	for (size_t i = 0; i < text.len; i++)
		count += text.at[i] == '\n';
	buf_release(&text);
	return count;
}

static void
test_answers(void **state)
{
	static const struct { const char *account, *service, *password; enum auth_result result; } rows[] = {
		{ "alice", "imap", "secret", AUTH_OK },
		{ "alice", "imap", "wrong", AUTH_REJECTED },
		{ "alice", "imap", "", AUTH_REJECTED },
		{ "alice", "imap", "secret\nx", AUTH_REJECTED },
		{ "alice", "imap", "secret\r", AUTH_REJECTED },
		{ "x\nsecret\nAUTH 0\nalice", "imap", "secret", AUTH_REJECTED },
		{ "alice\r", "imap", "secret", AUTH_REJECTED },
		{ "hang\tx", "imap", "secret", AUTH_REJECTED },	/* not asked, or it would be trouble */
		{ "alice", "pop3", "secret", AUTH_REJECTED },
		{ "nobody", "imap", "secret", AUTH_REJECTED },
		{ "homeless", "imap", "secret", AUTH_TROUBLE },
		{ "system", "imap", "secret", AUTH_OK },
	};
	struct auth_query q = { .account = "alice", .service = "imap", .address = "" };
	struct auth_account got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (verify(rows[i].account, rows[i].service, rows[i].password, &got) != rows[i].result)
			fail_msg("%s, %s, %s", rows[i].account, rows[i].service, rows[i].password);
	q.account = "x\nPRE . imap alice";
	assert_int_equal(auth_chain_lookup(chain, &arena, &q, &got), AUTH_REJECTED);
	q.account = "alice";
	assert_int_equal(auth_chain_lookup(chain, &arena, &q, &got), AUTH_OK);
	assert_string_equal(got.name, "alice");
	assert_int_equal(got.uid, 5);
	assert_int_equal(got.gid, 6);
	assert_string_equal(got.home, "/srv/alice");
	assert_string_equal(got.mail, "M");
	assert_string_equal(got.quota, "1S");
	assert_string_equal(got.options, "group=a=b");
	assert_string_equal(got.full_name, "N");
	assert_int_equal(starts(), 1);
}

static void
test_it_is_started_again(void **state)
{
	static const char *const bad[] = { "die", "babble", "hang" };
	struct auth_account got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(verify(bad[i], "imap", "secret", &got), AUTH_TROUBLE);
		assert_int_equal(verify("alice", "imap", "secret", &got), AUTH_OK);
	}
	/* It ends after its answer: nobody is the worse for it. */
	assert_int_equal(verify("after", "imap", "secret", &got), AUTH_OK);
	usleep(200000);
	assert_int_equal(verify("alice", "imap", "secret", &got), AUTH_OK);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0 || !status_ok(io_replace_file(AT_FDCWD,
	    arena_printf(&arena, "%s/prog", folder.path), span_str(program), 0700)))
		return -1;
	return status_ok(auth_chain_open("pipe", &host, "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", &chain)) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	auth_chain_free(&chain);
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_it_is_started_again),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
