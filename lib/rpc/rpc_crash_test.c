/*
 * rpc_crash_test.c - servers that are killed, and what becomes of calls
 *
 * Servers are this program again, started with --serve, so that they can be
 * killed in the middle of a call like real ones.
 */
#include "rpc/rpc_test_service.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/log.h"

static char dir[] = "/tmp/rpc-crash-XXXXXX";
static char url_a[64], url_b[64], url_both[130];

static pid_t
start(const char *what, const char *url)
{
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/proc/self/exe", "rpc_crash_test", what, url, NULL);
		_exit(1);
	}
	return child;
}

static pid_t
serve(const char *url)
{
	return start("--serve", url);
}

static void
stop(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Start it again whenever it ends, until told not to. */
struct keeper {
	pthread_t thread;
	const char *url;
	_Atomic pid_t child;
	_Atomic bool over;
};

static void *
keep(void *arg)
{
	struct keeper *k = arg;

	while (!k->over) {
		k->child = serve(k->url);
		waitpid(k->child, NULL, 0);
	}
	return NULL;
}

static void
keeper_start(struct keeper *k, const char *url)
{
	*k = (struct keeper){ .url = url };
	assert_int_equal(pthread_create(&k->thread, NULL, keep, k), 0);
	while (!k->child)
		usleep(1000);
}

static void
keeper_stop(struct keeper *k)
{
	k->over = true;
	do {		/* it may be about to start one more */
		kill(k->child, SIGKILL);
		usleep(1000);
	} while (pthread_tryjoin_np(k->thread, NULL) != 0);
}

static struct status
renew(struct rpc_client *client, const char *request_id, const char *service, uint32_t *out_attempt)
{
	Posthouse__RenewRequest request = POSTHOUSE__RENEW_REQUEST__INIT;
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	const ProtobufCMessage *reply = NULL;
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 3000);

	peer.service = (char *)service;
	request.peer = &peer;
	call->request_id = request_id;
	call->ticket = SPAN_LIT("a ticket");
	struct status st = rpc_call_wait(rpc_client_service(client), "Renew", &request.base, call, &reply);
	if (status_ok(st)) {
		const Posthouse__RenewReply *told = (const Posthouse__RenewReply *)reply;
		assert_int_equal(told->ticket.len, 8);
		assert_memory_equal(told->ticket.data, "a ticket", 8);
		*out_attempt = told->renew_after_s;
	}
	rpc_call_free(&call);
	return status_make(st.code, "");
}

/* The server dies in the middle of the first attempt and answers the second. */
static void
idempotent_is_retried(void **state)
{
	struct keeper k;
	struct rpc_client *client = test_client(url_a);

	(void)state;
	keeper_start(&k, url_a);
	for (int i = 0; i < 5; i++) {
		struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 10000);
		assert_non_null(test_call(client, call, "flaky", ""));
		assert_int_equal(call->attempt, 2);
		rpc_call_free(&call);
	}
	keeper_stop(&k);
	rpc_client_free(&client);
}

static void
change_without_id_is_not_retried(void **state)
{
	struct keeper k;
	struct rpc_client *client = test_client(url_a);
	uint32_t attempt = 0;
	int64_t begin;

	(void)state;
	keeper_start(&k, url_a);
	assert_true(status_ok(renew(client, NULL, "", &attempt)));
	assert_int_equal(attempt, 1);
	begin = clock_mono_ms();
	assert_int_equal(renew(client, NULL, "exit", &attempt).code, STATUS_UNAVAILABLE);
	assert_true(clock_mono_ms() - begin < 2500);	/* at once, not at the deadline */
	/* With an id it goes on until the deadline, since this server dies of it every time. */
	begin = clock_mono_ms();
	assert_int_not_equal(renew(client, "id-1", "exit", &attempt).code, STATUS_OK);
	assert_true(clock_mono_ms() - begin > 2900);
	keeper_stop(&k);
	rpc_client_free(&client);
}

/* A call that waits on a killed endpoint goes to the other one. */
static void
other_endpoint_takes_over(void **state)
{
	struct rpc_client *client = test_client(url_both);
	pid_t a = serve(url_a), b = serve(url_b);
	int64_t begin;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 5000);
		assert_non_null(test_call(client, call, "somebody", ""));
		rpc_call_free(&call);
	}
	stop(a);
	begin = clock_mono_ms();
	for (int i = 0; i < 50; i++) {
		struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 5000);
		assert_non_null(test_call(client, call, "somebody", ""));
		rpc_call_free(&call);
	}
	assert_true(clock_mono_ms() - begin < 2000);
	stop(b);
	rpc_client_free(&client);
}

/*
 * Many calls from many threads while the only server is killed again and again,
 * each time after a few calls more: every one of them is answered at last.
 */
#define STORM_KILLS 150
#define STORM_CALLERS 16

struct storm {
	struct rpc_client *client;
	_Atomic int good, bad;
	_Atomic bool over;
};

static void *
storm_caller(void *arg)
{
	struct storm *s = arg;
	char bytes[500];

	for (int i = 0; !s->over; i++) {
		struct rpc_call *call = rpc_call_new("storm", clock_mono_ms() + 20000);
		memset(bytes, 'a' + i % 26, sizeof(bytes));
		call->send.bytes = span_of(bytes, sizeof(bytes));
		bool ok = test_call(s->client, call, "echo", "") && call->received.bytes.len == sizeof(bytes) &&
		    memcmp(call->received.bytes.at, bytes, sizeof(bytes)) == 0;
		(*(ok ? &s->good : &s->bad))++;
		rpc_call_free(&call);
	}
	return NULL;
}

static void
storm_of_kills(void **state)
{
	struct storm s = { .client = test_client(url_a) };
	pthread_t callers[STORM_CALLERS];

	(void)state;
	for (int i = 0; i < STORM_CALLERS; i++)
		assert_int_equal(pthread_create(&callers[i], NULL, storm_caller, &s), 0);
	for (int i = 0; i < STORM_KILLS; i++) {
		pid_t child = serve(url_a);
		int before = s.good;
		int64_t begin = clock_mono_ms();
		while (s.good < before + 20 && clock_mono_ms() < begin + 15000)
			usleep(1000);
		assert_true(s.good >= before + 20);	/* or we are cut off */
		usleep((useconds_t)(random() % 5000));
		if (i + 1 == STORM_KILLS) {
			s.over = true;
			for (int c = 0; c < STORM_CALLERS; c++)
				pthread_join(callers[c], NULL);
		}
		stop(child);
	}
	assert_int_equal(s.bad, 0);
	rpc_client_free(&s.client);
}

/* A server that neither answers nor goes away, as when its machine is lost, is dialed anew. */
static void
silent_server_is_left(void **state)
{
	struct rpc_client *client = test_client(url_a);
	pid_t child = serve(url_a);
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 10000);

	(void)state;
	assert_non_null(test_call(client, call, "somebody", ""));
	rpc_call_free(&call);
	kill(child, SIGSTOP);
	waitpid(child, NULL, WUNTRACED);	/* until then its threads may answer */
	call = rpc_call_new("", clock_mono_ms() + 3500);
	assert_null(test_call(client, call, "somebody", ""));
	assert_int_equal(call->status.code, STATUS_DEADLINE);
	rpc_call_free(&call);
	for (int i = 0; i < 1000 && rpc_client_connected(client); i++)
		usleep(1000);
	assert_false(rpc_client_connected(client));
	kill(child, SIGCONT);
	call = rpc_call_new("", clock_mono_ms() + 10000);
	assert_non_null(test_call(client, call, "somebody", ""));
	rpc_call_free(&call);
	stop(child);
	rpc_client_free(&client);
}

/* The program as a client that calls until it is killed. */
_Noreturn static void
call_for_ever(const char *url)
{
	struct storm s = { .client = test_client(url) };
	pthread_t callers[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&callers[i], NULL, storm_caller, &s);
	for (;;)
		pause();
}

static int
descriptors_of(pid_t process)
{
	char path[64];
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)process);
	DIR *fds = opendir(path);
	assert_non_null(fds);
	while (readdir(fds))
		count++;
	closedir(fds);
	return count;
}

static void
killed_clients_leave_nothing(void **state)
{
	struct rpc_client *client = test_client(url_a);
	pid_t server = serve(url_a);
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 10000);

	(void)state;
	assert_non_null(test_call(client, call, "somebody", ""));
	rpc_call_free(&call);
	int before = descriptors_of(server);
	for (int i = 0; i < 40; i++) {
		pid_t caller = start("--call", url_a);
		usleep((useconds_t)(10000 + random() % 20000));
		stop(caller);
	}
	for (int i = 0; i < 500 && descriptors_of(server) > before; i++)
		usleep(10000);
	assert_int_equal(descriptors_of(server), before);
	call = rpc_call_new("", clock_mono_ms() + 10000);
	assert_non_null(test_call(client, call, "somebody", ""));
	rpc_call_free(&call);
	rpc_client_free(&client);
	stop(server);
}

/* A client may be freed while its endpoints come and go. */
static void
free_while_dialing(void **state)
{
	struct keeper k;

	(void)state;
	keeper_start(&k, url_a);
	for (int i = 0; i < 30; i++) {
		struct rpc_client *client = test_client(url_both);
		usleep((useconds_t)(random() % 20000));
		if (i % 3 == 0)
			kill(k.child, SIGKILL);
		rpc_client_free(&client);
		assert_null(client);
	}
	keeper_stop(&k);
}

/* How often the process that answered has been asked. 0: it was not, and nobody was. */
static uint32_t
asked_through(struct rpc_client *client, uint64_t only, uint64_t *out_through)
{
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 5000);

	call->only_through = only;
	const Posthouse__LoginReply *reply = test_call(client, call, "somebody", "");
	uint32_t times = reply ? reply->renew_after_s : 0;
	if (!reply)
		assert_int_equal(call->status.code, STATUS_UNAVAILABLE);
	*out_through = call->through;
	rpc_call_free(&call);
	return times;
}

/* What one process remembers is asked of that process, and of nobody else when it has gone. */
static void
calls_stay_with_one_connection(void **state)
{
	struct rpc_client *client = test_client(url_both);
	pid_t a = serve(url_a), b = 0;
	uint64_t first, through;

	(void)state;
	assert_int_equal(asked_through(client, 0, &first), 1);
	assert_true(first > 0);
	b = serve(url_b);
	for (through = first; through == first; usleep(1000))	/* until calls go to the other one as well */
		assert_true(asked_through(client, 0, &through) > 0);
	uint32_t times = asked_through(client, first, &through);
	for (uint32_t i = 1; i <= 20; i++) {
		assert_int_equal(asked_through(client, first, &through), times + i);
		assert_int_equal(through, first);
	}
	stop(a);
	int64_t begin = clock_mono_ms();
	assert_int_equal(asked_through(client, first, &through), 0);
	a = serve(url_a);		/* at the same address, but it remembers nothing */
	for (through = first; through <= first + 1; usleep(1000))
		assert_true(asked_through(client, 0, &through) > 0);
	assert_int_equal(asked_through(client, first, &through), 0);
	assert_true(clock_mono_ms() - begin < 4000);
	stop(a);
	stop(b);
	rpc_client_free(&client);
}

static void
remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	(void)!system(command);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idempotent_is_retried),
		cmocka_unit_test(change_without_id_is_not_retried),
		cmocka_unit_test(other_endpoint_takes_over),
		cmocka_unit_test(calls_stay_with_one_connection),
		cmocka_unit_test(storm_of_kills),
		cmocka_unit_test(silent_server_is_left),
		cmocka_unit_test(killed_clients_leave_nothing),
		cmocka_unit_test(free_while_dialing),
	};

	log_init("rpc_crash_test", LOG_LEVEL_WARN);
	if (argc == 3 && strcmp(argv[1], "--serve") == 0) {
		if (!test_server(argv[2]))
			return 1;
		for (;;)
			pause();
	}
	if (argc == 3 && strcmp(argv[1], "--call") == 0)
		call_for_ever(argv[2]);
	if (!mkdtemp(dir))
		return 1;
	snprintf(url_a, sizeof(url_a), "ipc://%s/a", dir);
	snprintf(url_b, sizeof(url_b), "ipc://%s/b", dir);
	snprintf(url_both, sizeof(url_both), "%s,%s", url_a, url_b);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_dir();
	return failed;
}
