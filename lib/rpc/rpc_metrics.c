/*
 * rpc_metrics.c - what a server counts
 */
#include "rpc/rpc_metrics.h"

#include "base/log.h"

static struct metric queued = {
	.name = "posthouse_rpc_server_queued_calls", .kind = METRIC_GAUGE,
	.help = "Calls that wait for a worker.",
};
METRIC_REGISTER(queued);

static struct metric busy = {
	.name = "posthouse_rpc_server_busy_workers", .kind = METRIC_GAUGE,
	.help = "Workers that answer a call at this moment.",
};
METRIC_REGISTER(busy);

static struct metric served = {
	.name = "posthouse_rpc_server_calls", .kind = METRIC_COUNTER,
	.help = "Calls answered by a worker, by the status of the answer.", .labels = { "method", "status" },
};
METRIC_REGISTER(served);

static struct metric serving = {
	.name = "posthouse_rpc_server_call_duration_seconds", .kind = METRIC_DURATION,
	.help = "What a worker took to answer a call; waiting in the queue is not in it.", .labels = { "method" },
};
METRIC_REGISTER(serving);

static struct metric refused = {
	.name = "posthouse_rpc_server_refused_calls", .kind = METRIC_COUNTER,
	.help = "Calls answered without a worker: malformed, unknown, or the queue was full.",
	.labels = { "status" },
};
METRIC_REGISTER(refused);

void
rpc_metrics_queued(void)
{
	metric_add(&queued, 1);
}

void
rpc_metrics_begun(void)
{
	metric_add(&queued, -1);
	metric_add(&busy, 1);
}

void
rpc_metrics_served(const char *method, enum status_code status, int64_t begun)
{
	int64_t ns = metric_clock() - begun;

	metric_add(&busy, -1);
	metric_add_at(&served, method, status_name(status), 1);
	metric_observe_at(&serving, method, NULL, ns);
	log_debug("%s: %s in %lld us", method, status_name(status), (long long)ns / 1000);
}

void
rpc_metrics_refused(enum status_code status)
{
	metric_add_at(&refused, status_name(status), NULL, 1);
}
