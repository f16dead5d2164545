/*
 * task - running steps one after another
 *
 * task_run is a loop, not a recursion: a step that could go on at once only
 * marks the task `ready`, and the loop calls the next step when this one has
 * returned. A task that is over but has calls under way is kept, because what they
 * send lives in its arena, until the last of their closures has run.
 */
#include "frontend/task/task.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/task/task_private.h"
#include "metrics/metrics.h"

enum { FIRST_BLOCK = 512 };	/* IDLE, of which there are many, needs no more */

struct task_cleanup {
	struct task_cleanup *next;
	void (*undo)(void *arg);
	void *arg;
};

struct task *
task_new(struct task_env *env, struct session *session, void (*ended)(struct task *t))
{
	struct task *t = MEM_NEW(struct task);
	arena_init(&t->arena, FIRST_BLOCK);
	t->env = env;
	t->session = session;
	t->on_ended = ended;
	t->deadline = clock_mono_ms() + env->patience;
	t->begun = metric_clock();
	snprintf(t->trace_id, sizeof(t->trace_id), "%.20s-%x", env->trace, ++env->tasks);
	return t;
}

void
task_bury(struct task *t)
{
	if (t->pending)
		return;
	task_calls_free(t);
	rpc_attachment_release(&t->send);
	rpc_attachment_release(&t->received);
	arena_release(&t->arena);
	free(t);
}

/* Common to ending and being cancelled. */
static void
task_clean_up(struct task *t)
{
	while (t->cleanups) {
		struct task_cleanup *c = t->cleanups;
		t->cleanups = c->next;
		c->undo(c->arg);
	}
	if (t->timer)
		event_free(t->timer);
	t->timer = NULL;
}

static void
task_over(struct task *t)
{
	task_clean_up(t);
	t->pending++;		/* keeps it while closures run and on_ended looks at it */
	task_calls_cancel(t);
	if (t->on_ended)
		t->on_ended(t);
	t->env = NULL;
	t->pending--;
	task_bury(t);
}

static void
task_run(struct task *t)
{
	enum step result = STEP_WAITS;
	t->running = true;
	log_set_trace(t->trace_id);
	while (t->ready && result == STEP_WAITS) {
		step_fn *step = t->next;
		t->next = NULL;
		t->ready = false;
		result = step(t);
		assert_that(result == STEP_ENDED || t->next);
	}
	log_set_trace(NULL);
	t->running = false;
	if (result == STEP_ENDED)
		task_over(t);
}

void
task_start(struct task *t, step_fn *first)
{
	t->next = first;
	task_ready(t, STATUS_FINE);
}

void
task_cancel(struct task **tp)
{
	struct task *t = *tp;
	if (!t)
		return;
	*tp = NULL;
	assert_that(!t->running);
	task_clean_up(t);
	t->pending++;
	t->env = NULL;
	t->session = NULL;
	task_calls_cancel(t);
	t->pending--;
	task_bury(t);
}

void *
task_frame_new(struct task *t, size_t size)
{
	assert_that(!t->frame);
	return t->frame = arena_alloc(&t->arena, size);
}

/* --- going on --------------------------------------------------------------------- */

void
task_ready(struct task *t, struct status status)
{
	t->status = status;
	t->ready = true;
	if (status_ok(status))
		t->deadline = clock_mono_ms() + t->env->patience;
	if (!t->running)
		task_run(t);
}

enum step
task_end(struct task *t)
{
	(void)t;
	return STEP_ENDED;
}

enum step
task_go(struct task *t, step_fn *next)
{
	t->next = next;
	t->ready = true;
	return STEP_WAITS;
}

static void
task_timer_fired(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	task_ready(arg, STATUS_FINE);
}

enum step
task_sleep(struct task *t, int64_t ms, step_fn *next)
{
	struct timeval delay = { ms / 1000, ms % 1000 * 1000 };
	if (!t->timer)
		t->timer = evtimer_new(loop_base(t->env->loop), task_timer_fired, t);
	evtimer_add(t->timer, &delay);
	t->next = next;
	return STEP_WAITS;
}

enum step
task_yield(struct task *t, step_fn *next)
{
	return task_sleep(t, 0, next);
}

enum step
task_drain(struct task *t, step_fn *next)
{
	if (!t->env->conn || conn_unsent(t->env->conn) < CONN_HIGH_WATER)
		return task_go(t, next);
	t->draining = true;
	t->next = next;
	return STEP_WAITS;
}

void
task_drained(struct task *t)
{
	if (!t->draining)
		return;
	t->draining = false;
	task_ready(t, STATUS_FINE);
}

enum step
task_park(struct task *t, step_fn *next)
{
	t->parked = true;
	t->next = next;
	return STEP_WAITS;
}

void
task_wake(struct task *t, struct status status)
{
	if (!t->parked)
		return;
	t->parked = false;
	task_ready(t, status);
}

bool
task_is_parked(const struct task *t)
{
	return t->parked;
}

enum step
task_all(struct task *t, step_fn *next)
{
	t->next = next;
	if (!t->waiting) {
		t->status = t->outcome;
		t->outcome = STATUS_FINE;
		t->ready = true;
	}
	return STEP_WAITS;
}

/* ------------------------------------------------------------------------------------ */

void
task_on_end(struct task *t, void (*undo)(void *arg), void *arg)
{
	struct task_cleanup *c = ARENA_NEW(&t->arena, struct task_cleanup);
	*c = (struct task_cleanup){ t->cleanups, undo, arg };
	t->cleanups = c;
}

void
task_write_received(struct task *t)
{
	struct rpc_attachment a = rpc_attachment_take(&t->received);
	conn_write_ref(t->env->conn, a.bytes, a.release, a.owner);
}
