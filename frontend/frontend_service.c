#include "frontend/frontend_service.h"

#include <event2/event.h>
#include <malloc.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/mem.h"
#include "clients/auth_client.h"
#include "clients/store_client.h"
#include "frontend/admission/overload.h"
#include "frontend/admin/admin.h"
#include "metrics/metrics.h"
#include "notice/redis_lookout.h"

enum {
	TICK_MS = 100,		/* how soon the end of draining is noticed */
	LOOK_MS = 2000,		/* ... another certificate                 */
	BUSY_MS = 1000,		/* ... memory that runs short              */
	SELDOM_MS = 10000,	/* ... unused memory                       */
	TRIM_FROM = 1000,	/* clients                                 */
};

static struct metric reachable = {
	.name = "posthouse_service_reachable", .kind = METRIC_GAUGE,
	.help = "1 while at least one address of the service is connected.", .labels = { "name" },
};
METRIC_REGISTER(reachable);

struct frontend_service {
	struct service *svc;
	struct rpc_client *auth;
	struct store_map *stores;
	struct frontend *frontend;
	struct admin admin;
	struct redis_lookout *redis;
	struct event *tick;
	struct buf missing;		/* words what_is_missing returned */
	int ticks;
	size_t most_clients;		/* since memory was given back */
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

static void
look_at(struct frontend_service *fs, const struct rpc_client *client, const char *name)
{
	struct metric_cell *cell = metric_cell(&reachable, name, NULL);
	bool up = rpc_client_connected(client);
	atomic_store_explicit(&cell->value, up, memory_order_relaxed);
	if (up)
		return;
	if (fs->missing.len)
		buf_str(&fs->missing, ", ");
	buf_str(&fs->missing, name);
}

/* Accounts are on one store each, so whoever lacks one cannot serve everybody (see has_enough). */
static const char *
what_is_missing(void *arg)
{
	struct frontend_service *fs = arg;
	struct rpc_client *store;
	struct span name;
	if (fs->draining)
		return "draining";
	buf_reset(&fs->missing);
	look_at(fs, fs->auth, "authsvc");
	for (size_t at = 0; (store = store_map_next(fs->stores, &at, &name)); ) {
		char *text = mem_strndup(name.at, name.len);
		look_at(fs, store, text);
		free(text);
	}
	if (!fs->missing.len)
		return NULL;
	buf_char(&fs->missing, '\0');
	return fs->missing.at;
}

/*
 * With one store gone every frontend lacks it: were they not ready, nobody could come in, not even those whose
 * mail is elsewhere.
 */
static bool
has_enough(void *arg)
{
	struct frontend_service *fs = arg;
	struct rpc_client *store;
	if (fs->draining || !rpc_client_connected(fs->auth))
		return false;
	for (size_t at = 0; (store = store_map_next(fs->stores, &at, NULL)); )
		if (rpc_client_connected(store))
			return true;
	return false;
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

/* malloc keeps what many sessions have used; when most of them have gone, so may that. */
static void
give_memory_back(struct frontend_service *fs)
{
	size_t clients = frontend_clients(fs->frontend);
	if (clients > fs->most_clients)
		fs->most_clients = clients;
	if (fs->most_clients < TRIM_FROM || clients > fs->most_clients / 2)
		return;
	fs->most_clients = clients;
	malloc_trim(0);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct frontend_service *fs = arg;
	(void)fd, (void)what;
	if (fs->draining && frontend_clients(fs->frontend) == 0)
		service_drained(fs->svc);
	fs->ticks++;
	if (fs->ticks % (LOOK_MS / TICK_MS) == 0)
		frontend_reload(fs->frontend, true);
	if (fs->ticks % (BUSY_MS / TICK_MS) == 0)
		overload_look(frontend_overload(fs->frontend));
	if (fs->ticks % (SELDOM_MS / TICK_MS) == 0)
		give_memory_back(fs);
}

/* --- life ------------------------------------------------------------------------------------ */

struct frontend_service *
frontend_service_new(struct service *svc, const struct frontend_config *config)
{
	struct frontend_service *fs = MEM_NEW(struct frontend_service);
	const struct rpc_tls *tls = service_rpc_tls(svc);
	int wait = (int)config->store_wait;
	fs->svc = svc;
	buf_init(&fs->missing, 0);
	if (!status_ok(auth_client_new(config->auth, tls, wait, &fs->auth))
	    || !status_ok(store_map_new(config->stores, tls, wait, &fs->stores))) {
		log_error("AUTH=%s or STORES=%s cannot be used", config->auth, config->stores);
		exit(EX_CONFIG);
	}
	struct frontend_services services = { rpc_client_service(fs->auth), find_store, fs };
	fs->frontend = frontend_new(config, &services, service_instance(svc));
	fs->tick = event_new(service_loop(svc), -1, EV_PERSIST, tick, fs);
	event_add(fs->tick, &(struct timeval){ 0, TICK_MS * 1000 });
	fs->redis = redis_lookout_new(service_loop(svc), config->redis_url,
	    "Redis is away: changes are found by polling, limits hold for each frontend alone");
	service_ready_when(svc, what_is_missing, has_enough, fs);
	service_degraded_when(svc, redis_lookout_away, fs->redis);
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
	admin_init(&fs->admin, fs->frontend);
	service_serve_operators(fs->svc, &fs->admin.methods.base);
	service_serve(fs->svc, NULL, NULL, NULL);
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
	redis_lookout_free(&fs->redis);
	store_map_free(&fs->stores);
	rpc_client_free(&fs->auth);
	frontend_free(&fs->frontend);
	buf_release(&fs->missing);
	free(fs);
}
