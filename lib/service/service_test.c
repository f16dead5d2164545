/*
 * service_test.c - a service started, asked, told to stop
 *
 * The service is this program again, started with --run: Auth as the RPC tests
 * implement it, "missing luck" until the file LUCK exists, a line in the file
 * RELOADED for each SIGHUP.
 */
#include "service/service.h"

#include "rpc/rpc_test_service.h"

#include <fcntl.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <cmocka.h>

#include "base/log.h"

static char dir[] = "/tmp/service-test-XXXXXX";
static char url[64], listen_argument[80], luck[64], reloaded[64];

struct run_config {
	char *luck, *reloaded;
};

static const struct option_def run_options[] = {
	OPTION_STRING(struct run_config, luck, "LUCK", "", "Ready when this file exists."),
	OPTION_STRING(struct run_config, reloaded, "RELOADED", "", "Made on SIGHUP."),
	OPTION_END
};

static const char *
no_luck(void *arg)
{
	const struct run_config *config = arg;

	return access(config->luck, F_OK) == 0 ? NULL : "luck";
}

static void
reload(void *arg)
{
	const struct run_config *config = arg;
	int fd = open(config->reloaded, O_CREAT | O_WRONLY, 0600);

	close(fd);
}

static int
run(int argc, char **argv)
{
	struct run_config config;
	struct service *svc = service_start("authsvc", argc, argv, run_options, &config);

	service_serve(svc, test_service(), NULL, NULL);
	service_ready_when(svc, no_luck, NULL, &config);
	service_on_reload(svc, reload, &config);
	service_run(svc);
	return service_stop(&svc);
}

/* What an operator's machinery is told: the status line and all that follows. */
static const char *
get(in_port_t port, const char *page)
{
	static char answer[65536];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = 0;
	ssize_t n;

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	dprintf(fd, "GET %s HTTP/1.0\r\n\r\n", page);
	while ((n = read(fd, answer + len, sizeof(answer) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	answer[len] = '\0';
	return answer;
}

/* Nobody listens there, or did until now. */
static in_port_t
free_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&any, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &len), 0);
	close(fd);
	return ntohs(any.sin_port);
}

static pid_t
start(const char *argument)
{
	pid_t child = fork();

	if (child == 0) {
		char luck_argument[80], reloaded_argument[80];
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(luck_argument, sizeof(luck_argument), "--luck=%s", luck);
		snprintf(reloaded_argument, sizeof(reloaded_argument), "--reloaded=%s", reloaded);
		execl("/proc/self/exe", "--run", listen_argument, luck_argument, reloaded_argument, argument, NULL);
		_exit(1);
	}
	return child;
}

static int
wait_exit(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Ask Health until it says what is wanted, or for ten seconds. */
static bool
becomes(struct rpc_client *health, bool ready, const char *missing)
{
	Posthouse__HealthRequest request = POSTHOUSE__HEALTH_REQUEST__INIT;
	bool good = false;

	for (int i = 0; i < 500 && !good; i++) {
		struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 10000);
		const ProtobufCMessage *reply = NULL;
		if (status_ok(rpc_call_wait(rpc_client_service(health), "Check", &request.base, call, &reply))) {
			const Posthouse__HealthReply *told = (const Posthouse__HealthReply *)reply;
			good = told->ready == ready && strlen(told->instance) == 16 &&
			    (!missing || (told->n_missing == 1 && strcmp(told->missing[0], missing) == 0));
		}
		rpc_call_free(&call);
		if (!good)
			usleep(20000);
	}
	return good;
}

static struct rpc_client *
health_client(void)
{
	struct rpc_client_options options = { .addresses = url, .timeout_ms = 10000 };
	struct rpc_client *client = NULL;

	assert_true(status_ok(rpc_client_new(&posthouse__health__descriptor, &options, &client)));
	return client;
}

static void
health_and_reload(void **state)
{
	pid_t child = start(NULL);
	struct rpc_client *health = health_client();

	(void)state;
	assert_true(becomes(health, false, "luck"));
	close(open(luck, O_CREAT | O_WRONLY, 0600));
	assert_true(becomes(health, true, NULL));
	assert_int_not_equal(access(reloaded, F_OK), 0);
	kill(child, SIGHUP);
	for (int i = 0; i < 500 && access(reloaded, F_OK) != 0; i++)
		usleep(20000);
	assert_int_equal(access(reloaded, F_OK), 0);
	kill(child, SIGTERM);
	assert_int_equal(wait_exit(child), 0);
	unlink(luck);
	rpc_client_free(&health);
}

static const char *slow_ms;

static void *
slow_call(void *client)
{
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 20000);
	bool good = test_call(client, call, "sleep", slow_ms) != NULL;

	rpc_call_free(&call);
	return good ? client : NULL;
}

/* What runs when SIGTERM comes is answered; the process ends when it is. */
static void
draining_finishes_what_runs(void **state)
{
	pid_t child = start("--drain-seconds=10");
	struct rpc_client *client = test_client(url), *health = health_client();
	pthread_t caller;
	void *good;

	(void)state;
	assert_true(becomes(health, false, "luck"));
	slow_ms = "1000";
	assert_int_equal(pthread_create(&caller, NULL, slow_call, client), 0);
	usleep(300000);
	kill(child, SIGTERM);
	pthread_join(caller, &good);
	assert_ptr_equal(good, client);
	assert_int_equal(wait_exit(child), 0);
	rpc_client_free(&client);
	rpc_client_free(&health);
}

static bool
is_over(pid_t child)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

/* Operators are answered until the last call is. */
static void
draining_is_seen(void **state)
{
	char argument[64];
	in_port_t port = free_port();
	pthread_t caller;
	void *good;
	int seen = 0;

	(void)state;
	snprintf(argument, sizeof(argument), "--http-listen=127.0.0.1:%u", port);
	pid_t child = start(argument);
	struct rpc_client *client = test_client(url), *health = health_client();
	assert_true(becomes(health, false, "luck"));
	assert_non_null(strstr(get(port, "/readyz"), "missing: luck\n"));
	slow_ms = "1000";
	assert_int_equal(pthread_create(&caller, NULL, slow_call, client), 0);
	usleep(300000);
	kill(child, SIGTERM);
	assert_true(becomes(health, false, "draining"));
	for (; seen < 3 && !is_over(child); seen++) {
		assert_non_null(strstr(get(port, "/healthz"), " 200 "));
		const char *ready = get(port, "/readyz");
		assert_non_null(strstr(ready, " 503 "));
		assert_non_null(strstr(ready, "missing: draining\n"));
		assert_non_null(strstr(get(port, "/metrics"), "posthouse_build_info"));
		usleep(50000);
	}
	assert_int_equal(seen, 3);
	pthread_join(caller, &good);
	assert_ptr_equal(good, client);
	assert_int_equal(wait_exit(child), 0);
	rpc_client_free(&client);
	rpc_client_free(&health);
}

/* A second signal does not wait for what runs. */
static void
a_second_signal_ends_it(void **state)
{
	pid_t child = start("--drain-seconds=60");
	struct rpc_client *client = test_client(url), *health = health_client();
	int64_t begun = clock_mono_ms();
	pthread_t caller;

	(void)state;
	assert_true(becomes(health, false, "luck"));
	slow_ms = "15000";
	assert_int_equal(pthread_create(&caller, NULL, slow_call, client), 0);
	usleep(300000);
	kill(child, SIGTERM);
	assert_true(becomes(health, false, "draining"));
	kill(child, SIGTERM);
	assert_int_equal(wait_exit(child), 0);
	assert_true(clock_mono_ms() - begun < 10000);
	pthread_join(caller, NULL);
	rpc_client_free(&client);
	rpc_client_free(&health);
}

static void
exit_codes(void **state)
{
	(void)state;
	assert_int_equal(wait_exit(start("--nobody=1")), EX_USAGE);
	assert_int_equal(wait_exit(start("--workers=many")), EX_USAGE);
	assert_int_equal(wait_exit(start("--listen=ipc:///nonexistent/dir/socket")), EX_UNAVAILABLE);
	assert_int_equal(wait_exit(start("--listen=tls+tcp://127.0.0.1:1")), EX_UNAVAILABLE);
	assert_int_equal(wait_exit(start("--version")), 0);
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
		cmocka_unit_test(health_and_reload),
		cmocka_unit_test(draining_finishes_what_runs),
		cmocka_unit_test(draining_is_seen),
		cmocka_unit_test(a_second_signal_ends_it),
		cmocka_unit_test(exit_codes),
	};

	if (strcmp(argv[0], "--run") == 0)
		return run(argc, argv);
	if (!mkdtemp(dir))
		return 1;
	snprintf(url, sizeof(url), "ipc://%s/s", dir);
	snprintf(listen_argument, sizeof(listen_argument), "--listen=%s", url);
	snprintf(luck, sizeof(luck), "%s/luck", dir);
	snprintf(reloaded, sizeof(reloaded), "%s/reloaded", dir);
	log_init("service_test", LOG_LEVEL_WARN);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_dir();
	return failed;
}
