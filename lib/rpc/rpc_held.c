/*
 * rpc_held.c - answers that are ready, and leave later
 *
 * A method that does not want its answer to come so soon sets call->answer_at and returns: the worker is free, and a
 * thread of the server's own, started for the first of them, sends the answer when it is time. A server that drains
 * holds nothing back.
 */
#include "base/clock.h"
#include "base/log.h"
#include "rpc/rpc_server_state.h"

#define MOST 10000		/* held at a time; further ones leave at once */

static struct job *
job_of(struct rpc_timer *timer)
{
	return (struct job *)((char *)timer - offsetof(struct job, hold));
}

static void
wait_until_locked(struct rpc_server *server, int64_t at)
{
	struct timespec until = { at / 1000, at % 1000 * 1000000 };

	pthread_cond_timedwait(&server->held_changed, &server->lock, &until);
}

static void *
holder(void *arg)
{
	struct rpc_server *server = arg;
	struct rpc_timer *first;

	pthread_mutex_lock(&server->lock);
	for (;;) {
		int64_t now = clock_mono_ms();
		if ((first = rpc_timers_first(&server->held)) == NULL) {
			if (server->stopping)
				break;
			pthread_cond_wait(&server->held_changed, &server->lock);
		} else if (server->draining || first->at <= now) {
			rpc_timers_remove(&server->held, first);
			rpc_job_finish_locked(server, job_of(first));
		} else {
			wait_until_locked(server, first->at);
		}
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

bool
rpc_held_add_locked(struct rpc_server *server, struct job *job)
{
	if (job->call.answer_at <= clock_mono_ms() || server->draining || server->held.count >= MOST)
		return false;
	if (!server->holding && pthread_create(&server->holder, NULL, holder, server) != 0) {
		log_error("cannot start a thread for answers that are held back");
		return false;
	}
	server->holding = true;
	rpc_timers_set(&server->held, &job->hold, job->call.answer_at);
	pthread_cond_signal(&server->held_changed);
	return true;
}

void
rpc_held_hurry_locked(struct rpc_server *server)
{
	pthread_cond_signal(&server->held_changed);
}

void
rpc_held_stop(struct rpc_server *server)
{
	if (server->holding)
		pthread_join(server->holder, NULL);
	server->holding = false;
	rpc_timers_release(&server->held);
}
