/*
 * main.c - authsvc answers "who is this?"
 */
#include <sysexits.h>

#include "authsvc/admin/admin.h"
#include "authsvc/daemon/daemon.h"
#include "authsvc/methods/methods.h"
#include "notice/redis_lookout.h"
#include "service/service.h"

int
main(int argc, char **argv)
{
	struct auth_config cfg;
	struct service *svc = service_start("authsvc", argc, argv, auth_options, &cfg);
	struct auth_admin admin;
	struct daemon *daemon;
	struct auth *auth;

	if (!status_ok(auth_new(&cfg, &auth)))
		return EX_CONFIG;	/* the log says what is wrong */
	if (!status_ok(daemon_new(service_loop(svc), auth, cfg.authdaemon_socket, &daemon))) {
		auth_free(&auth);
		return EX_UNAVAILABLE;
	}
	struct redis_lookout *redis = redis_lookout_new(service_loop(svc), cfg.redis_url,
	    "Redis is away: each authsvc counts failed logins alone");
	service_ready_when(svc, auth_missing, NULL, auth);
	service_degraded_when(svc, redis_lookout_away, redis);
	service_on_reload(svc, auth_reload, auth);
	auth_admin_init(&admin, auth);
	service_serve_operators(svc, &admin.methods.base);
	const struct rpc_guard guard = auth_guard(auth);
	service_serve(svc, &auth->service.base, auth_rules, &guard);
	service_run(svc);
	redis_lookout_free(&redis);
	daemon_free(&daemon);
	auth_free(&auth);
	return service_stop(&svc);
}
