/*
 * session_admission_test.c - who is let in: by network, by number, by time
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "frontend/pop3/pop3_command.h"
#include "frontend/testing/harness.h"
#include "notice/test_redis.h"

enum { CLIENTS = 4 };

static struct test_redis redis;
static struct harness h;
static struct client *clients[CLIENTS];
static char path[64];

static int
set_up(void **state)
{
	(void)state;
	harness_init(&h);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < CLIENTS; i++)
		client_free(&clients[i]);
	harness_release(&h);
	return 0;
}

static void
connect_remote(int i, const char *greeting)
{
	clients[i] = harness_connect_remote(&h, &pop3_protocol);
	client_expect(clients[i], greeting);
}

static void
ask(int i, const char *command, const char *answer)
{
	client_send(clients[i], command);
	client_send(clients[i], "\r\n");
	client_expect(clients[i], answer);
}

static void
connect_local(int i)
{
	clients[i] = harness_connect(&h, &pop3_protocol);
	client_expect(clients[i], "+OK Posthouse is ready <*@posthouse>");
	ask(i, "USER alice", "+OK *");
}

static void
leave(int i)
{
	ask(i, "QUIT", "+OK *");
	client_expect_end(clients[i]);
	client_free(&clients[i]);
}

static void
write_access(const char *text)
{
	int dir = open(redis.folder.path, O_RDONLY | O_DIRECTORY);

	assert_true(status_ok(io_replace_file(dir, "access", span_str(text), 0600)));
	close(dir);
}

static void
test_addresses(void **state)
{
	(void)state;
	h.config.max_per_ip = 2;
	connect_remote(0, "+OK *");
	connect_remote(1, "+OK *");
	connect_remote(2, "-ERR [SYS/TEMP] Too many connections from your address");
	client_expect_end(clients[2]);
	client_free(&clients[2]);
	connect_local(2);
	leave(0);
	connect_remote(0, "+OK *");
}

static void
test_accounts(void **state)
{
	(void)state;
	h.config.max_per_user = 2;
	for (int i = 0; i < 3; i++)
		connect_local(i);
	ask(0, "PASS wrong", "-ERR *");
	ask(0, "USER alice", "+OK *");
	ask(0, "PASS alice-demo", "+OK *");
	ask(1, "PASS alice-demo", "+OK *");
	ask(2, "PASS alice-demo", "-ERR [SYS/TEMP] Too many connections of this account");
	leave(1);
	ask(2, "USER alice", "+OK *");
	ask(2, "PASS alice-demo", "+OK *");
}

/* A login that fails does not count. */
static void
test_login_delay(void **state)
{
	(void)state;
	h.config.pop3_login_delay = 300;
	connect_local(0);
	ask(0, "CAPA", "+OK *");
	client_expect_later(clients[0], "LOGIN-DELAY 1");
	client_expect_later(clients[0], ".");
	ask(0, "PASS wrong", "-ERR [AUTH] *");
	ask(0, "USER alice", "+OK *");
	ask(0, "PASS alice-demo", "+OK *");
	connect_local(1);
	ask(1, "PASS alice-demo", "-ERR [LOGIN-DELAY] *");
	harness_run(&h, 320);
	ask(1, "USER alice", "+OK *");
	ask(1, "PASS alice-demo", "+OK *");
}

static void
test_access_file(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/access", redis.folder.path);
	write_access("192.0.2\tdeny\n");
	h.config.access_file = path;
	connect_remote(0, "-ERR Connections from your address are not accepted");
	client_expect_end(clients[0]);
	connect_local(1);
	write_access("192.0.2.0/24\tallow,MAXCPERIP=1\n");
	frontend_reload(h.frontend, true);
	client_free(&clients[0]);
	connect_remote(0, "+OK *");
	connect_remote(2, "-ERR [SYS/TEMP] Too many connections from your address");
	write_access("192.0.2\tperhaps\n");
	frontend_reload(h.frontend, true);
	connect_remote(3, "-ERR [SYS/TEMP] Too many connections from your address");
}

/* A login that waits for authsvc is enough; when it has its answer there is room again. */
static void
test_overload(void **state)
{
	(void)state;
	h.config.max_calls = 1;
	connect_local(0);
	wire_cut(h.auth_wire, true);
	client_send(clients[0], "PASS alice-demo\r\n");
	harness_run(&h, 20);
	connect_remote(1, "-ERR [SYS/TEMP] The server is busy, please try again later");
	client_expect_end(clients[1]);
	wire_cut(h.auth_wire, false);
	client_expect(clients[0], "+OK *");
	connect_remote(2, "+OK *");
}

static void
count_answer(void *arg, bool room)
{
	int *answers = arg;

	assert_true(room);
	++*answers;
}

/* One is here and one at another frontend. */
static void
test_over_all_frontends(void **state)
{
	struct loop *loop = loop_new(0);
	struct crowd *crowd = crowd_new(loop, redis.url, "another");
	struct limits *limits = limits_new(0);
	struct entrance *theirs[2];
	int answers = 0;

	(void)state;
	h.config.redis_url = redis.url;
	h.config.max_per_ip = 2;
	h.config.max_per_user = 2;
	harness_start(&h);
	harness_run(&h, 100);
	loop_run_for(loop, 100);
	theirs[0] = entrance_new(limits, crowd, "ip:192.0.2.1", 2, count_answer, &answers);
	theirs[1] = entrance_new(limits, crowd, "user:alice", 2, count_answer, &answers);
	for (int i = 0; i < 1000 && answers < 2; i++)
		loop_run_for(loop, 2);
	assert_int_equal(answers, 2);

	connect_remote(0, "+OK *");
	connect_remote(1, "-ERR [SYS/TEMP] Too many connections from your address");
	connect_local(2);
	ask(2, "PASS alice-demo", "+OK *");
	connect_local(3);
	ask(3, "PASS alice-demo", "-ERR [SYS/TEMP] Too many connections of this account");
	entrance_free(&theirs[0]);
	entrance_free(&theirs[1]);
	loop_run_for(loop, 50);
	ask(3, "USER alice", "+OK *");
	ask(3, "PASS alice-demo", "+OK *");
	client_free(&clients[1]);
	connect_remote(1, "+OK *");
	limits_free(&limits);
	crowd_free(&crowd);
	loop_free(&loop);
}

/* A client that goes before Redis has answered is nobody's any more. */
static void
test_gone_before_the_answer(void **state)
{
	(void)state;
	h.config.redis_url = redis.url;
	h.config.max_per_ip = 1;
	harness_start(&h);
	harness_run(&h, 100);
	for (int i = 0; i < 20; i++) {
		clients[0] = harness_connect_remote(&h, &pop3_protocol);
		client_free(&clients[0]);
	}
	harness_run(&h, 50);
	assert_int_equal(harness_sessions(&h), 0);
	connect_remote(1, "+OK *");
}

static int
group_set_up(void **state)
{
	(void)state;
	return test_redis_make(&redis);
}

static int
group_tear_down(void **state)
{
	(void)state;
	return test_redis_remove(&redis);
}

#define ADMISSION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ADMISSION_TEST(test_addresses),
		ADMISSION_TEST(test_accounts),
		ADMISSION_TEST(test_login_delay),
		ADMISSION_TEST(test_access_file),
		ADMISSION_TEST(test_overload),
		ADMISSION_TEST(test_over_all_frontends),
		ADMISSION_TEST(test_gone_before_the_answer),
	};
	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
