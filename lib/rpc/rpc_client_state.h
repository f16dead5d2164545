/*
 * rpc_client_state - what rpc_client.c and rpc_endpoints.c share
 *
 * One lock per client guards everything here. A call is in one of these states:
 *
 *	WAITING  no endpoint is connected; first come, first sent
 *	SENT     an exchange on `endpoint` waits for the answer
 *	PAUSED   its connection broke or the server was unavailable; sent again when
 *	         its timer runs out
 *	ENDED    nobody but the thread that ended it touches it
 *
 * Its timer is set to its deadline, or when PAUSED to the end of the pause.
 */
#ifndef RPC_RPC_CLIENT_STATE_H
#define RPC_RPC_CLIENT_STATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "rpc/rpc_client.h"
#include "rpc/rpc_frame.h"
#include "rpc/rpc_link.h"
#include "rpc/rpc_timers.h"

enum pending_state { PENDING_WAITING, PENDING_SENT, PENDING_PAUSED, PENDING_ENDED };

/* A call under way; lives in the call's arena. */
struct pending {
	struct rpc_timer timer;
	struct rpc_client *client;
	struct rpc_call *call;
	const ProtobufCMethodDescriptor *method;
	enum rpc_retry retry;
	uint64_t call_id;
	int64_t deadline;		/* 0: never */
	int64_t begun;			/* metric_clock() */
	struct span message;		/* serialised, in the call's arena */
	ProtobufCClosure closure;
	void *closure_data;
	struct rpc_executor executor;	/* post NULL: here and now */

	enum pending_state state;
	struct endpoint *endpoint;	/* SENT */
	struct rpc_exchange *exchange;	/* SENT */
	TAILQ_ENTRY(pending) link;	/* SENT: of the endpoint; WAITING: of the client */

	struct rpc_block *answer;	/* ENDED; NULL: the call's status says why */
	struct rpc_frame frame;		/* of the answer */
};
TAILQ_HEAD(pending_list, pending);

struct endpoint {
	struct rpc_client *client;
	struct rpc_link *link;
	char *url;
	bool up;
	uint64_t connection;		/* the number of what is up, or was */
	bool listed;			/* still an address of the service */
	bool missed;			/* at the last look it was not */
	unsigned under_way;		/* calls in `sent` */
	struct pending_list sent;
	TAILQ_ENTRY(endpoint) entry;
};
TAILQ_HEAD(endpoint_list, endpoint);

struct rpc_client {
	ProtobufCService service;	/* the stub; first, so that it can be cast back */
	char *addresses;
	struct rpc_tls tls;
	const enum rpc_retry *retry;
	int timeout_ms;
	uint64_t client_id;

	pthread_mutex_t lock;
	pthread_cond_t changed;		/* for the timer thread    */
	pthread_cond_t resolve;		/* for the resolver thread */
	pthread_t timer_thread, resolver_thread;
	bool stopping, has_resolver;
	struct endpoint_list endpoints;
	struct pending_list waiting;
	struct rpc_timers timers;
	_Atomic uint64_t last_call_id;
	uint64_t random, last_connection;
	unsigned calls;			/* not yet ended */
	_Atomic unsigned up;		/* endpoints connected */
	void (*notify)(void *arg);
	void *notify_arg;
};

/* rpc_endpoints.c; `locked` functions are called with the lock held. */
MUST_USE struct status endpoints_start(struct rpc_client *client);
void endpoints_stop(struct rpc_client *client);
/* The connected endpoint with the fewest exchanges, or NULL. */
struct endpoint *endpoints_find_locked(struct rpc_client *client);
/* The endpoint of that very connection, or NULL when it is no more. */
struct endpoint *endpoints_find_connection_locked(struct rpc_client *client, uint64_t connection);

/* rpc_pending.c */
MUST_USE struct status call_build(struct pending *p, struct rpc_packet **out);

/* Where a call is to be sent; link NULL: it is WAITING. Good until it has been sent. */
struct route {
	struct rpc_link *link;
	struct rpc_exchange *exchange;
};
struct route call_assign_locked(struct pending *p);
/* Its timer has run out. The lock is released while a closure runs. */
void call_due_locked(struct pending *p, int64_t now);
void call_cancel(struct rpc_call *call);
/* Once, when ENDED. `st` is why, when there is no answer. */
void call_end(struct pending *p, struct status st);
void client_send_waiting_locked(struct rpc_client *client);
/* The endpoint's connection is gone: what was on its way there has not left. */
void client_endpoint_lost_locked(struct endpoint *e);
void client_exchange_done(void *owner, struct rpc_exchange *x, struct rpc_block *take_answer, bool left);

#endif
