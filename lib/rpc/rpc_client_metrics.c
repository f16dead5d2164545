/*
 * rpc_client_metrics.c - what a client counts; not linked into services that call nobody
 */
#include "rpc/rpc_metrics.h"

static struct metric called = {
	.name = "posthouse_rpc_client_calls", .kind = METRIC_COUNTER,
	.help = "Calls made to other services, by how they ended.", .labels = { "method", "status" },
};
METRIC_REGISTER(called);

static struct metric calling = {
	.name = "posthouse_rpc_client_call_duration_seconds", .kind = METRIC_DURATION,
	.help = "From a call to its end, with waiting for a service that is away.", .labels = { "method" },
};
METRIC_REGISTER(calling);

static struct metric retried = {
	.name = "posthouse_rpc_client_retries", .kind = METRIC_COUNTER,
	.help = "Calls put off to be sent again, because the service went away or was busy.",
	.labels = { "method" },
};
METRIC_REGISTER(retried);

void
rpc_metrics_called(const char *method, enum status_code status, int64_t begun)
{
	metric_add_at(&called, method, status_name(status), 1);
	metric_observe_at(&calling, method, NULL, metric_clock() - begun);
}

void
rpc_metrics_retried(const char *method)
{
	metric_add_at(&retried, method, NULL, 1);
}
