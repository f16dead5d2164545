/*
 * main.c - posthouse-storesvc: owns mailboxes and messages
 */
#include "notice/redis_lookout.h"
#include "service/service.h"
#include "storesvc/admin/store_admin.h"

int
main(int argc, char **argv)
{
	struct store_config cfg;
	struct service *svc = service_start("storesvc", argc, argv, store_options, &cfg);
	struct store *store = store_new(&cfg);
	struct redis_lookout *redis = redis_lookout_new(service_loop(svc), cfg.redis_url,
	    "Redis is away: frontends find changes by polling");
	struct store_admin admin;

	service_degraded_when(svc, redis_lookout_away, redis);
	store_admin_init(&admin, store);
	service_serve_operators(svc, &admin.methods.base);
	const struct rpc_guard guard = store_guard(store);
	service_serve(svc, store_service(store), store_rules, &guard);
	service_run(svc);			/* until SIGTERM, then drained */
	store_free(&store);			/* closes every mailbox cleanly */
	redis_lookout_free(&redis);
	return service_stop(&svc);
}
