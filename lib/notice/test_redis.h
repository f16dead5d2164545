/*
 * test_redis - a Redis of its own for a test, that ends with the test's process, however that ends
 *
 *	static struct test_redis redis;
 *
 *	test_redis_make(&redis);		(in the group's setup; it runs then)
 *	... redis.url ...
 *	test_redis_stop(&redis);		test_redis_start(&redis);
 *	test_redis_remove(&redis);		(in its teardown)
 */
#ifndef NOTICE_TEST_REDIS_H
#define NOTICE_TEST_REDIS_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test_folder.h"

struct test_redis {
	struct test_folder folder;
	char socket[48], url[64];
	pid_t pid;
};

/* Returns when it can be reached. */
static inline void
test_redis_start(struct test_redis *r)
{
	r->pid = fork();
	if (r->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(STDOUT_FILENO);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", r->socket, "--save", "",
		    "--appendonly", "no", "--dir", r->folder.path, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 1000 && access(r->socket, F_OK) != 0; i++)
		usleep(10000);
}

/* Harmless when it does not run. */
static inline void
test_redis_stop(struct test_redis *r)
{
	if (r->pid <= 0)
		return;
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	unlink(r->socket);
	r->pid = 0;
}

/* 0, or -1 as cmocka's setup functions want it. */
static inline int
test_redis_make(struct test_redis *r)
{
	signal(SIGPIPE, SIG_IGN);	/* as every service does */
	if (test_folder_make(&r->folder) != 0)
		return -1;
	snprintf(r->socket, sizeof(r->socket), "%s/redis", r->folder.path);
	snprintf(r->url, sizeof(r->url), "unix://%s", r->socket);
	test_redis_start(r);
	return 0;
}

static inline int
test_redis_remove(struct test_redis *r)
{
	test_redis_stop(r);
	return test_folder_remove(&r->folder);
}

#endif
