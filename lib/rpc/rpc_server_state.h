/*
 * rpc_server_state - what rpc_server.c and rpc_health.c share
 */
#ifndef RPC_RPC_SERVER_STATE_H
#define RPC_RPC_SERVER_STATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "rpc/rpc_frame.h"
#include "rpc/rpc_port.h"
#include "rpc/rpc_server.h"
#include "rpc/rpc_timers.h"

struct server_service {
	ProtobufCService *implementation;
	const struct rpc_rule *rules;		/* NULL: anybody may call */
	struct rpc_guard guard;			/* check may be NULL */
};

/* A request, from its arrival until it is answered. Kept with its slot for the next. */
struct job {
	struct rpc_call call;
	struct rpc_server *server;
	struct rpc_slot *slot;
	struct rpc_frame frame;
	const struct server_service *service;
	unsigned method;
	bool guarded;				/* the service's guard is to be asked */
	bool not_begun;				/* no worker has seen it */
	struct rpc_packet *answer;		/* built by the closure, sent when the method has returned */
	TAILQ_ENTRY(job) queued;
	LIST_ENTRY(job) live;
	struct rpc_timer hold;
};
TAILQ_HEAD(job_queue, job);
LIST_HEAD(job_list, job);

#define MAX_SERVICES 8

/* What Health says in words. */
struct health_words {
	char **at;
	size_t count;
};

struct rpc_server {
	struct rpc_port *port;
	struct server_service services[MAX_SERVICES];
	int service_count;
	size_t max_frame;		/* of requests; 0: no service says */
	int queue_limit, worker_limit;
	pthread_t *workers;
	int worker_count;		/* started */

	const char *name, *version, *instance;

	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t work, quiet;
	struct job_queue queue;
	int queue_length, idle_workers, live_count;
	struct job_list live;		/* queued, running or held, for Cancel */
	struct rpc_timers held;
	pthread_cond_t held_changed;
	pthread_t holder;
	bool holding;			/* there is such a thread */
	bool draining, stopping;
	struct health_words missing, degraded;
	int64_t told;			/* clock_mono_ms() of the last line about a refused peer; 0: none */
};

/* Is this request for Health? Then it has an answer now, without a worker. */
bool rpc_health_answer(struct job *job);

void rpc_health_words_release(struct health_words *words);

/* The closure given to methods; `call` is the job's. */
void rpc_job_answer(const ProtobufCMessage *reply, void *call);
/* Send the answer of a live job. With the lock held, which it gives up meanwhile. */
void rpc_job_finish_locked(struct rpc_server *server, struct job *job);

/* rpc_held.c: with the lock held. False: it is to be sent at once. */
bool rpc_held_add_locked(struct rpc_server *server, struct job *job);
/* Draining or stopping has begun. */
void rpc_held_hurry_locked(struct rpc_server *server);
/* After stopping has begun; without the lock. */
void rpc_held_stop(struct rpc_server *server);

#endif
