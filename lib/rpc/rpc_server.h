/*
 * rpc_server - listening, dispatching, answering
 *
 * One server answers for several services (its own and Health) on several
 * URLs. Requests are received on nng's threads and handed to a pool of
 * worker threads, where the method runs with the thread's log trace set. A request whose
 * deadline has passed while it waited is answered DEADLINE without being run; when
 * the queue is longer than its limit, UNAVAILABLE at once. Unknown services and methods, and those
 * whose place in the vtable is NULL, get UNIMPLEMENTED. Health is answered without a worker, so it works
 * when all of them are busy.
 *
 * A method must call its closure exactly once, before it returns; anything else is a panic. When the answer is to leave
 * later, it says so in call->answer_at.
 */
#ifndef RPC_RPC_SERVER_H
#define RPC_RPC_SERVER_H

#include "rpc/rpc.h"
#include "rpc/rpc_client.h"
#include "rpc/rpc_port.h"
#include "rpc/rpc_rules.h"

struct rpc_server;

struct rpc_server_options {
	struct rpc_trust trust;		/* who is who on ipc:// and tcp:// */
	struct rpc_tls tls;		/* for tls+tcp://: both sides show certificates */
	int workers;			/* threads; 0: twice the cores, at least 8 */
	int queue_limit;		/* requests waiting; 0: 10,000 */
};

MUST_USE struct status rpc_server_new(const struct rpc_server_options *options, struct rpc_server **out);

/* What Health answers with; borrowed. */
void rpc_server_identify(struct rpc_server *server, const char *service, const char *version,
    const char *instance);

/*
 * Before listening. `service` implements the generated vtable and outlives the server. Whoever can connect may call it, with
 * requests of any size: for tests, and what is harmless.
 */
void rpc_server_add(struct rpc_server *server, ProtobufCService *service);

/*
 * What else must hold for a call. Asked on a worker before the request is unpacked, with
 * the request as it came; what is not OK is the answer, and the method is not run.
 */
struct rpc_guard {
	struct status (*check)(void *arg, struct rpc_call *call, const char *service, const char *method,
	    struct span message);
	void *arg;
};
/*
 * Only as `rules` say (rpc_rules.h; borrowed for ever); NULL: anybody, any size, each method guarded. The guard is asked
 * for methods whose rule says so; its check may be NULL.
 */
void rpc_server_add_guarded(struct rpc_server *server, ProtobufCService *service, const struct rpc_rule *rules,
    const struct rpc_guard *guard);

/* `urls`: comma-separated. A stale ipc:// socket file is replaced. */
MUST_USE struct status rpc_server_listen(struct rpc_server *server, const char *urls);

/* What Health answers: ready with nothing missing, or a list of what is missing. Thread-safe. */
void rpc_server_set_missing(struct rpc_server *server, const char *const *missing, size_t count);
/* ... and what it works without; that makes it no less ready. Thread-safe. */
void rpc_server_set_degraded(struct rpc_server *server, const char *const *degraded, size_t count);

/*
 * The end, for those who have other things to do until then: new calls but Health are refused, and when it is quiet, all that
 * ran is answered.
 */
void rpc_server_refuse(struct rpc_server *server);
bool rpc_server_quiet(struct rpc_server *server);
/* Refuse new calls, finish what runs (at most `ms`), join the workers. */
void rpc_server_drain(struct rpc_server *server, int ms);
void rpc_server_free(struct rpc_server **server);

#endif
