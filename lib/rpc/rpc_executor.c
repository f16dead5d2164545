/*
 * rpc_executor.c - closures run on a libevent loop
 */
#include "rpc/rpc_executor.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/panic.h"

struct work {
	void (*run)(void *arg);
	void *arg;
};

struct work_list {
	struct work *items;
	size_t count, room;
};

struct event_executor {
	struct rpc_executor open;	/* what callers see */
	int fd;
	struct event *readable;
	pthread_mutex_t lock;		/* of `posted` */
	struct work_list posted;
	struct work_list running;	/* the loop's own; kept for its memory */
};

static _Thread_local const struct rpc_executor *current;

void
rpc_executor_set(const struct rpc_executor *executor)
{
	current = executor;
}

const struct rpc_executor *
rpc_executor_current(void)
{
	return current;
}

static void
event_post(void *where, void (*run)(void *arg), void *arg)
{
	struct event_executor *e = where;

	pthread_mutex_lock(&e->lock);
	bool first = e->posted.count == 0;
	MEM_GROW(e->posted.items, e->posted.count, &e->posted.room);
	e->posted.items[e->posted.count++] = (struct work){ run, arg };
	pthread_mutex_unlock(&e->lock);
	if (first && eventfd_write(e->fd, 1) < 0)
		panic("eventfd_write");
}

static void
run_posted(evutil_socket_t fd, short what, void *arg)
{
	struct event_executor *e = arg;
	eventfd_t count;

	(void)what;
	if (eventfd_read(fd, &count) < 0)
		return;
	pthread_mutex_lock(&e->lock);
	struct work_list batch = e->posted;
	e->posted = e->running;
	pthread_mutex_unlock(&e->lock);
	for (size_t i = 0; i < batch.count; i++)
		batch.items[i].run(batch.items[i].arg);
	batch.count = 0;
	e->running = batch;
}

struct rpc_executor *
rpc_executor_event_new(struct event_base *base)
{
	struct event_executor *e = MEM_NEW(struct event_executor);

	e->open = (struct rpc_executor){ e, event_post };
	pthread_mutex_init(&e->lock, NULL);
	e->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_that(e->fd >= 0);
	e->readable = event_new(base, e->fd, EV_READ | EV_PERSIST, run_posted, e);
	assert_that(e->readable && event_add(e->readable, NULL) == 0);
	return &e->open;
}

void
rpc_executor_event_free(struct rpc_executor **executor)
{
	if (!*executor)
		return;
	struct event_executor *e = (*executor)->where;
	event_free(e->readable);
	close(e->fd);
	free(e->posted.items);
	free(e->running.items);
	pthread_mutex_destroy(&e->lock);
	free(e);
	*executor = NULL;
}
