#include "frontend/frontend_service.h"

#include <event2/event.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/mem.h"
#include "clients/auth_client.h"
#include "clients/store_client.h"

enum {
	TICK_MS = 100,		/* how soon the end of draining is noticed */
	CERTIFICATES_MS = 10000,	/* ... and another certificate             */
};

struct frontend_service {
	struct service *svc;
	struct rpc_client *auth;
	struct store_map *stores;
	struct frontend *frontend;
	struct event *tick;
	int ticks;
	bool draining;
};

/* --- the other services -------------------------------------------------------------- */

static ProtobufCService *
find_store(void *arg, struct span name)
{
	struct frontend_service *fs = arg;
	return store_map_find(fs->stores, name);
}

static void
store_connected(void *arg)
{
	frontend_store_back(arg);
}

static void
watch_connections(struct frontend_service *fs)
{
	struct rpc_client *store;
	for (size_t at = 0; (store = store_map_next(fs->stores, &at, NULL)); )
		rpc_client_on_connect(store, store_connected, fs->frontend);
}

static const char *
what_is_missing(void *arg)
{
	struct frontend_service *fs = arg;
	struct rpc_client *store;
	if (fs->draining)
		return "draining";
	if (!rpc_client_connected(fs->auth))
		return "authsvc";
	for (size_t at = 0; (store = store_map_next(fs->stores, &at, NULL)); )
		if (rpc_client_connected(store))
			return NULL;
	return "storesvc";
}

/* --- signals and time ------------------------------------------------------------------- */

static void
reload(void *arg)
{
	struct frontend_service *fs = arg;
	frontend_reload(fs->frontend, false);
}

static void
drain(void *arg, int64_t ms)
{
	struct frontend_service *fs = arg;
	fs->draining = true;
	frontend_drain(fs->frontend, ms);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct frontend_service *fs = arg;
	(void)fd, (void)what;
	if (fs->draining && frontend_clients(fs->frontend) == 0)
		service_drained(fs->svc);
	if (++fs->ticks % (CERTIFICATES_MS / TICK_MS) == 0)
		frontend_reload(fs->frontend, true);
}

/* --- life ------------------------------------------------------------------------------------ */

struct frontend_service *
frontend_service_new(struct service *svc, const struct frontend_config *config)
{
	struct frontend_service *fs = MEM_NEW(struct frontend_service);
	const struct rpc_tls *tls = service_rpc_tls(svc);
	int wait = (int)config->store_wait;
	fs->svc = svc;
	if (!status_ok(auth_client_new(config->auth, tls, wait, &fs->auth))
	    || !status_ok(store_map_new(config->stores, tls, wait, &fs->stores))) {
		log_error("AUTH=%s or STORES=%s cannot be used", config->auth, config->stores);
		exit(EX_CONFIG);
	}
	struct frontend_services services = { rpc_client_service(fs->auth), find_store, fs };
	fs->frontend = frontend_new(config, &services, service_instance(svc));
	fs->tick = event_new(service_loop(svc), -1, EV_PERSIST, tick, fs);
	event_add(fs->tick, &(struct timeval){ 0, TICK_MS * 1000 });
	service_ready_when(svc, what_is_missing, fs);
	service_on_reload(svc, reload, fs);
	service_on_drain(svc, drain, fs);
	return fs;
}

void
frontend_service_listen(struct frontend_service *fs, const char *addresses,
    const struct session_protocol *protocol, bool tls)
{
	if (!status_ok(frontend_listen(fs->frontend, addresses, protocol, tls)))
		exit(EX_UNAVAILABLE);
}

void
frontend_service_run(struct frontend_service *fs)
{
	watch_connections(fs);
	frontend_start(fs->frontend);
	service_serve(fs->svc, NULL);
	service_run(fs->svc);
	frontend_stop(fs->frontend);
}

/* The clients go first: the answers that they give then still have loops to come to. */
void
frontend_service_free(struct frontend_service **fsp)
{
	struct frontend_service *fs = *fsp;
	*fsp = NULL;
	event_free(fs->tick);
	store_map_free(&fs->stores);
	rpc_client_free(&fs->auth);
	frontend_free(&fs->frontend);
	free(fs);
}
