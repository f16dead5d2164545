/*
 * directory_guard.c - an end to what libldap waits for without a limit
 */
#include "authsvc/ldap/directory_guard.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

static bool
is_late(const struct directory_guard *g)
{
	return clock_mono_ms() >= g->deadline;
}

/* Whoever closes the socket takes it back first, and waits for the lock: it is never another's. */
static void
shut(const struct directory_guard *g)
{
	if (g->fd >= 0)
		shutdown(g->fd, SHUT_RDWR);
}

static void *
run(void *arg)
{
	struct directory_guard *g = arg;
	struct timespec until = { .tv_sec = g->deadline / 1000, .tv_nsec = g->deadline % 1000 * 1000000 };

	pthread_mutex_lock(&g->lock);
	while (!g->over && !is_late(g))
		pthread_cond_clockwait(&g->ended, &g->lock, CLOCK_MONOTONIC, &until);
	if (!g->over)
		shut(g);
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

bool
directory_guard_begin(struct directory_guard *g, int64_t deadline)
{
	g->deadline = deadline;
	g->fd = -1;
	g->over = false;
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->ended, NULL);
	int code = pthread_create(&g->thread, NULL, run, g);
	if (code == 0)
		return true;
	log_error("LDAP: no thread can be made: %s", strerror(code));
	pthread_cond_destroy(&g->ended);
	pthread_mutex_destroy(&g->lock);
	return false;
}

void
directory_guard_watch(struct directory_guard *g, int fd)
{
	pthread_mutex_lock(&g->lock);
	g->fd = fd;
	if (is_late(g))
		shut(g);
	pthread_mutex_unlock(&g->lock);
}

void
directory_guard_end(struct directory_guard *g)
{
	pthread_mutex_lock(&g->lock);
	g->over = true;
	pthread_cond_signal(&g->ended);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	pthread_cond_destroy(&g->ended);
	pthread_mutex_destroy(&g->lock);
}
