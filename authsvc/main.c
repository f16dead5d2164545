/*
 * main.c - authsvc answers "who is this?"
 */
#include <sysexits.h>

#include "authsvc/auth.h"
#include "service/service.h"

struct running {
	struct service *svc;
	struct auth *auth;
};

static void
drain(void *arg, int64_t ms)
{
	struct running *r = arg;

	(void)ms;
	auth_hurry(r->auth);
	service_drained(r->svc);
}

int
main(int argc, char **argv)
{
	struct auth_config cfg;
	struct running r = { .svc = service_start("authsvc", argc, argv, auth_options, &cfg) };

	if (!status_ok(auth_new(&cfg, &r.auth)))
		return EX_CONFIG;	/* the log says what is wrong */
	service_ready_when(r.svc, auth_missing, r.auth);
	service_on_reload(r.svc, auth_reload, r.auth);
	service_on_drain(r.svc, drain, &r);
	service_serve(r.svc, &r.auth->service.base);
	service_run(r.svc);
	auth_free(&r.auth);
	return service_stop(&r.svc);
}
