/*
 * rpc_held_test.c - answers that leave later, and what that costs others
 */
#include "rpc/rpc_test_service.h"

#include <pthread.h>

#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

#define CALLERS 20

static struct test_folder folder;
static char url[64];

struct caller {
	struct rpc_client *client;
	const char *user, *ms;
	int64_t took;
	enum status_code code;
	pthread_t thread;
};

static void *
call_once(void *arg)
{
	struct caller *c = arg;
	int64_t begun = clock_mono_ms();
	struct rpc_call *call = rpc_call_new("", begun + 60000);

	test_call(c->client, call, c->user, c->ms);
	c->code = call->status.code;
	c->took = clock_mono_ms() - begun;
	rpc_call_free(&call);
	return NULL;
}

static void
begin(struct caller *c, struct rpc_client *client, const char *user, const char *ms)
{
	*c = (struct caller){ .client = client, .user = user, .ms = ms };
	assert_int_equal(pthread_create(&c->thread, NULL, call_once, c), 0);
}

static void
end(struct caller *c)
{
	pthread_join(c->thread, NULL);
	assert_int_equal(c->code, STATUS_OK);
}

/* There is one worker, and it has time for others. */
static void
test_each_in_its_time(void **state)
{
	static const char *const ms[] = { "1500", "700", "1100" };
	struct rpc_server *server = test_server_tls(url, NULL, 1, 0);
	struct rpc_client *client = test_client(url);
	struct caller late[CALLERS], prompt;

	(void)state;
	for (size_t i = 0; i < CALLERS; i++)
		begin(&late[i], client, "late", ms[i % COUNT_OF(ms)]);
	begin(&prompt, client, "somebody", "");
	end(&prompt);
	assert_in_range(prompt.took, 0, 600);
	for (size_t i = 0; i < CALLERS; i++) {
		end(&late[i]);
		int64_t wanted = strtoll(late[i].ms, NULL, 10);
		assert_in_range(late[i].took, wanted - 1, wanted + 5000);	/* one after the other: ten times that */
	}
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
test_draining_lets_them_go(void **state)
{
	struct rpc_server *server = test_server(url);
	struct rpc_client *client = test_client(url);
	struct caller late;
	int before = test_counts.logins;

	(void)state;
	begin(&late, client, "late", "50000");
	while (test_counts.logins == before)
		usleep(1000);
	rpc_server_drain(server, 10000);
	end(&late);
	assert_in_range(late.took, 0, 9000);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	if (test_folder_make(&folder) < 0)
		return -1;
	snprintf(url, sizeof(url), "ipc://%s/held", folder.path);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_in_its_time),
		cmocka_unit_test(test_draining_lets_them_go),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
