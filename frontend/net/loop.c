/*
 * loop - an event_base, its thread, and a queue of work from other threads
 *
 * The queue is a growing array under a mutex; an eventfd wakes the loop, and is
 * written only when the queue was empty, so a burst of answers costs one wake-up. libevent itself
 * runs without locks: nothing but loop_post crosses threads.
 */
#include "frontend/net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"

struct work {
	void (*run)(void *arg);
	void *arg;
};

struct loop {
	struct event_base *base;
	struct event *wake;
	int wake_fd;
	int number;
	bool started;
	pthread_t thread;

	pthread_mutex_t lock;		/* protects the queue */
	struct work *queue;
	size_t count, room;
	struct work *batch;		/* the queue that was, being run */
	size_t batch_room;

	char scratch[LOOP_SCRATCH];
};

static void
loop_run_queue(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	uint64_t wakes;
	(void)what;
	if (read(fd, &wakes, sizeof(wakes)) < 0 && errno != EAGAIN)
		log_error("reading an eventfd failed: %s", strerror(errno));

	pthread_mutex_lock(&l->lock);
	struct work *batch = l->queue;
	size_t count = l->count, room = l->room;
	l->queue = l->batch;
	l->room = l->batch_room;
	l->count = 0;
	pthread_mutex_unlock(&l->lock);

	l->batch = NULL;	/* work may run the loop again (tests) and come here */
	l->batch_room = 0;
	for (size_t i = 0; i < count; i++)
		batch[i].run(batch[i].arg);
	free(l->batch);
	l->batch = batch;
	l->batch_room = room;
}

struct loop *
loop_new(int number)
{
	struct loop *l = MEM_NEW(struct loop);
	struct event_config *config = event_config_new();
	assert_that(config);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	l->base = event_base_new_with_config(config);
	event_config_free(config);
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!l->base || l->wake_fd < 0)
		panic("cannot make an event loop: %s", strerror(errno));
	l->number = number;
	pthread_mutex_init(&l->lock, NULL);
	l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, loop_run_queue, l);
	event_add(l->wake, NULL);
	return l;
}

void
loop_free(struct loop **lp)
{
	struct loop *l = *lp;
	if (!l)
		return;
	*lp = NULL;
	loop_join(l);
	loop_run_queue(l->wake_fd, 0, l);	/* late answers still find whom they belong to */
	event_free(l->wake);
	event_base_free(l->base);
	close(l->wake_fd);
	pthread_mutex_destroy(&l->lock);
	free(l->queue);
	free(l->batch);
	free(l);
}

static void *
loop_thread(void *arg)
{
	struct loop *l = arg;
	event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

void
loop_start(struct loop *l)
{
	sigset_t all, before;
	sigfillset(&all);	/* signals belong to the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&l->thread, NULL, loop_thread, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		panic("cannot start a thread: %s", strerror(error));
	l->started = true;
}

void
loop_join(struct loop *l)
{
	if (l->started)
		pthread_join(l->thread, NULL);
	l->started = false;
}

void
loop_break(struct loop *l)
{
	event_base_loopbreak(l->base);
}

void
loop_run_for(struct loop *l, int ms)
{
	struct timeval limit = { ms / 1000, ms % 1000 * 1000 };
	event_base_loopexit(l->base, &limit);
	event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void
loop_post(struct loop *l, void (*work)(void *arg), void *arg)
{
	pthread_mutex_lock(&l->lock);
	bool first = l->count == 0;
	MEM_GROW(l->queue, l->count, &l->room);
	l->queue[l->count++] = (struct work){ work, arg };
	pthread_mutex_unlock(&l->lock);

	uint64_t one = 1;
	if (first && write(l->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_error("waking a loop failed: %s", strerror(errno));
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

int
loop_number(const struct loop *l)
{
	return l->number;
}

char *
loop_scratch(struct loop *l)
{
	return l->scratch;
}
