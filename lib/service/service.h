/*
 * service - what the four programs have in common
 *
 * Settings, logging, signals, health, the RPC server and draining, so that a
 * main() tells only what differs:
 *
 *	struct store_config cfg;
 *	struct service *svc = service_start("storesvc", argc, argv, store_options, &cfg);
 *	struct store *store = store_new(&cfg);
 *	service_serve(svc, store_service(store));
 *	service_run(svc);			(until SIGTERM or SIGINT, then drained)
 *	store_free(&store);
 *	return service_stop(&svc);
 *
 * Settings every service has, beside its own table: LISTEN (RPC URLs), HTTP_LISTEN (/metrics, /healthz,
 * /readyz), LOG_LEVEL, LOG_FORMAT, WORKERS, DRAIN_SECONDS, RPC_TLS_CERT, RPC_TLS_KEY, RPC_TLS_CA, RPC_ROLES,
 * RPC_TRUST_TCP, RPC_CONNECTIONS_PER_PEER, ADMIN_PUBLIC_KEYS.
 * SIGHUP reads LOG_LEVEL and LOG_FORMAT again and calls what service_on_reload was given; SIGUSR1 logs more, SIGUSR2 less.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <event2/event.h>

#include "rpc/rpc_server.h"
#include "service/options.h"

struct service;

/*
 * Read settings into `config` (strings live as long as the service). Exits with
 * 64 and a message naming the setting when they are wrong, with 0 after --help, --version, --print-*.
 */
struct service *service_start(const char *name, int argc, char **argv,
    const struct option_def *options, void *config);

/* The main thread's loop; runs inside service_run. */
struct event_base *service_loop(struct service *svc);

/* Client TLS and own instance id, for calling others. */
const struct rpc_tls *service_rpc_tls(const struct service *svc);
const char *service_instance(const struct service *svc);

/* Answer for `implementation` (and Health) on LISTEN. Exits with 69 when the address cannot be had. */
/*
 * ... as `rules` allow; `guard` may be NULL. Exits with 78 when LISTEN has tcp:// and RPC_TRUST_TCP does not say that this is
 * meant, or RPC_ROLES makes no sense.
 */
void service_serve(struct service *svc, ProtobufCService *implementation, const struct rpc_rule *rules,
    const struct rpc_guard *guard);

/* Answer for this one, too, but to operators alone. Before service_serve. */
void service_serve_operators(struct service *svc, ProtobufCService *implementation);

/*
 * What /readyz and Health.Check say is missing; `missing` returns words or NULL when all is well. /readyz is for those who
 * send work here, and says 200 when `enough` is left to do some of it; `enough` may be NULL.
 */
void service_ready_when(struct service *svc, const char *(*missing)(void *arg), bool (*enough)(void *arg), void *arg);
/* ... and what it is ready without. Both are asked on the main thread's loop; their words hold until they are asked again. */
void service_degraded_when(struct service *svc, const char *(*degraded)(void *arg), void *arg);

void service_on_reload(struct service *svc, void (*reload)(void *arg), void *arg);
/*
 * Called on SIGTERM, before calls are refused: that begins with service_drained, as often as it is called. The service ends when
 * those that run are answered, or DRAIN_SECONDS are over.
 */
void service_on_drain(struct service *svc, void (*drain)(void *arg, int64_t ms), void *arg);
void service_drained(struct service *svc);

void service_run(struct service *svc);
/* Frees everything; the exit code for main. */
int service_stop(struct service **svc);

#endif
