/*
 * posthouse-outboxsvc - keeps promises to send mail
 *
 * Answers Health; its methods are UNIMPLEMENTED in this version.
 */
#include "proto/outbox.pb-c.h"
#include "service/service.h"

struct outbox_config {
	char *redis_url;
};

static const struct option_def outbox_options[] = {
	OPTION_STRING(struct outbox_config, redis_url, "REDIS_URL", NULL,
	    "Where notices are published: unix:///path or redis://host:port."),
	OPTION_END
};

static const struct rpc_rule rules[] = {
	{ .method = "Submit", .roles = RPC_ROLE_OUTBOX, .max_message = 64 * 1024 },
	{ .method = NULL },
};

int
main(int argc, char **argv)
{
	struct outbox_config config;
	struct service *svc = service_start("outboxsvc", argc, argv, outbox_options, &config);
	Posthouse__Outbox_Service methods = {
		.base = { &posthouse__outbox__descriptor, protobuf_c_service_invoke_internal, NULL },
	};

	service_serve(svc, &methods.base, rules, NULL);
	service_run(svc);
	return service_stop(&svc);
}
