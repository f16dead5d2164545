/*
 * main.c - posthouse-storesvc: owns mailboxes and messages
 */
#include "service/service.h"
#include "storesvc/admin/store_admin.h"

int
main(int argc, char **argv)
{
	struct store_config cfg;
	struct service *svc = service_start("storesvc", argc, argv, store_options, &cfg);
	struct store *store = store_new(&cfg);
	struct store_admin admin;

	store_admin_init(&admin, store);
	service_serve_operators(svc, &admin.methods.base);
	service_serve(svc, store_service(store));
	service_run(svc);			/* until SIGTERM, then drained */
	store_free(&store);			/* closes every mailbox cleanly */
	return service_stop(&svc);
}
