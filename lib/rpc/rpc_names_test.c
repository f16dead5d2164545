/*
 * rpc_names_test.c - a service whose name gives other addresses after a while
 */
#include "rpc/rpc_test_service.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>

#include "base/test.h"

#define NAME "moving.test"

static const enum rpc_retry never_again[] = { RPC_ONCE, RPC_ONCE, RPC_ONCE, RPC_ONCE };

/* Where NAME leads: set before anybody asks, changed by one thread. */
static const char *_Atomic address;

/* In place of the library's, which knows all other names. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node && strcmp(node, NAME) == 0 ? address : node, service, hints, out);
}

struct caller {
	struct rpc_client *client;
	const char *user, *ms;
	struct status status;
};

static void *
call_once(void *arg)
{
	struct caller *c = arg;
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 30000);

	test_call(c->client, call, c->user, c->ms);
	c->status = call->status;
	rpc_call_free(&call);
	return NULL;
}

/* A port that is free at both addresses. */
static unsigned
free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void
what_runs_where_the_name_led_may_end(void **state)
{
	char old_url[64], new_url[64], url[64];
	unsigned port = free_port();
	pthread_t thread;

	(void)state;
	snprintf(old_url, sizeof(old_url), "tcp://127.0.0.1:%u", port);
	snprintf(new_url, sizeof(new_url), "tcp://127.0.0.2:%u", port);
	snprintf(url, sizeof(url), "tcp://" NAME ":%u", port);
	struct rpc_server *old = test_server(old_url), *new = test_server(new_url);
	address = "127.0.0.1";
	struct rpc_client *client = test_client_retrying(url, NULL, never_again);

	/* The name is asked for again after a second, when nothing was connected at first, and five seconds later. */
	struct caller slow = { .client = client, .user = "late", .ms = "3500" };
	assert_int_equal(pthread_create(&thread, NULL, call_once, &slow), 0);
	usleep(300000);
	address = "127.0.0.2";
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(slow.status.code, STATUS_OK);

	/* Whoever calls now is sent to the new address: the old one may go. */
	rpc_server_free(&old);
	struct caller next = { .client = client, .user = "somebody", .ms = "" };
	(void)call_once(&next);
	assert_int_equal(next.status.code, STATUS_OK);
	rpc_client_free(&client);
	rpc_server_free(&new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_runs_where_the_name_led_may_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
