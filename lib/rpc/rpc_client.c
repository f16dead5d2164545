/*
 * rpc_client.c - the stub, and the thread that keeps its time
 */
#include "rpc/rpc_client_state.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_executor.h"
#include "rpc/rpc_metrics.h"

static struct span
serialise(struct arena *a, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	char *at = arena_bytes(a, len);

	protobuf_c_message_pack(message, (uint8_t *)at);
	return span_of(at, len);
}

static void
client_invoke(ProtobufCService *service, unsigned method, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
	struct rpc_client *client = (struct rpc_client *)service;
	struct rpc_call *call = closure_data;
	struct pending *p = ARENA_NEW(&call->arena, struct pending);
	const struct rpc_executor *executor = rpc_executor_current();
	struct rpc_packet *request = NULL;

	assert_that(!call->internal);
	*p = (struct pending){
		.client = client,
		.call = call,
		.method = &service->descriptor->methods[method],
		.retry = client->retry ? client->retry[method] : RPC_ONCE,
		.deadline = call->deadline ? call->deadline :
		    client->timeout_ms ? clock_mono_ms() + client->timeout_ms : 0,
		.message = serialise(&call->arena, input),
		.closure = closure,
		.closure_data = closure_data,
		.executor = executor ? *executor : (struct rpc_executor){ 0 },
		.call_id = atomic_fetch_add_explicit(&client->last_call_id, 1, memory_order_relaxed) + 1,
		.state = PENDING_ENDED,
		.begun = metric_clock(),
	};
	call->internal = p;
	call->on_cancel = call_cancel;
	call->attempt = 1;
	struct status st = call_build(p, &request);
	if (!status_ok(st)) {
		call_end(p, st);
		return;
	}
	pthread_mutex_lock(&client->lock);
	client->calls++;
	struct route route = call_assign_locked(p);
	pthread_mutex_unlock(&client->lock);
	if (route.link)
		rpc_exchange_send(route.link, route.exchange, request);
	else
		rpc_packet_free(&request);	/* built again, with what is left of the time */
}

static void
client_destroy(ProtobufCService *service)
{
	(void)service;	/* lives as long as its client */
}

static void *
timer_loop(void *arg)
{
	struct rpc_client *client = arg;

	pthread_mutex_lock(&client->lock);
	while (!client->stopping) {
		struct rpc_timer *first = rpc_timers_first(&client->timers);
		int64_t now = clock_mono_ms();
		if (!first) {
			pthread_cond_wait(&client->changed, &client->lock);
		} else if (first->at > now) {
			struct timespec until = { first->at / 1000, first->at % 1000 * 1000000 };
			pthread_cond_timedwait(&client->changed, &client->lock, &until);
		} else {
			call_due_locked((struct pending *)first, now);
		}
	}
	pthread_mutex_unlock(&client->lock);
	return NULL;
}

static char *
copy(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

struct status
rpc_client_new(const ProtobufCServiceDescriptor *descriptor,
    const struct rpc_client_options *options, struct rpc_client **out)
{
	struct rpc_client *client = MEM_NEW(struct rpc_client);
	pthread_condattr_t monotonic;

	client->service = (ProtobufCService){ descriptor, client_invoke, client_destroy };
	client->addresses = mem_strdup(options->addresses);
	client->tls = (struct rpc_tls){ copy(options->tls.cert_file), copy(options->tls.key_file),
		copy(options->tls.ca_file), copy(options->tls.server_name) };
	client->retry = options->retry;
	client->timeout_ms = options->timeout_ms;
	assert_that(getrandom(&client->client_id, sizeof(client->client_id), 0) > 0);
	client->random = client->client_id;
	TAILQ_INIT(&client->endpoints);
	TAILQ_INIT(&client->waiting);
	pthread_mutex_init(&client->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&client->changed, &monotonic);
	pthread_cond_init(&client->resolve, &monotonic);
	pthread_condattr_destroy(&monotonic);
	assert_that(pthread_create(&client->timer_thread, NULL, timer_loop, client) == 0);
	struct status st = endpoints_start(client);
	if (!status_ok(st))
		rpc_client_free(&client);
	else
		*out = client;
	return st;
}

void
rpc_client_free(struct rpc_client **pclient)
{
	struct rpc_client *client = *pclient;

	if (!client)
		return;
	pthread_mutex_lock(&client->lock);
	assert_that(client->calls == 0);
	client->stopping = true;
	pthread_cond_signal(&client->changed);
	pthread_cond_signal(&client->resolve);
	pthread_mutex_unlock(&client->lock);
	pthread_join(client->timer_thread, NULL);
	endpoints_stop(client);
	rpc_timers_release(&client->timers);
	pthread_cond_destroy(&client->resolve);
	pthread_cond_destroy(&client->changed);
	pthread_mutex_destroy(&client->lock);
	free((char *)client->tls.cert_file);
	free((char *)client->tls.key_file);
	free((char *)client->tls.ca_file);
	free((char *)client->tls.server_name);
	free(client->addresses);
	free(client);
	*pclient = NULL;
}

ProtobufCService *
rpc_client_service(struct rpc_client *client)
{
	return &client->service;
}

bool
rpc_client_connected(const struct rpc_client *client)
{
	return client->up > 0;
}

void
rpc_client_on_connect(struct rpc_client *client, void (*notify)(void *arg), void *arg)
{
	pthread_mutex_lock(&client->lock);
	client->notify = notify;
	client->notify_arg = arg;
	pthread_mutex_unlock(&client->lock);
}
