/*
 * rpc_server.c - listening, dispatching, answering
 *
 *	arrived (nng's thread)  ->  queue  ->  worker: method  ->  answered
 *	       \-> at once: Health, unknown methods, queue full, draining
 */
#include "rpc/rpc_server_state.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_attachment.h"
#include "rpc/rpc_depth.h"
#include "rpc/rpc_metrics.h"

#define QUEUE_LIMIT 10000
#define WORKERS_MIN 8
#define DEPTH_MAX 200		/* of messages in messages */
#define ARENA_KEPT (64u << 10)	/* a job's arena larger than this is not kept */
/*
 * Memory that unpacking may take: a range of messages has 6 bytes at the least and takes 144. What is small may be odd.
 */
#define UNPACKED_TIMES 25
#define UNPACKED_FREE (1u << 20)
#define TELL_EVERY_MS 10000	/* peers that are refused are no reason to fill the log */
#define FLUSH_MS 50		/* for the last answers to leave the process  */

/* ---- answering ---- */

void
rpc_job_answer(const ProtobufCMessage *reply, void *data)
{
	struct rpc_call *call = data;
	struct job *job = call->internal;
	Posthouse__RpcHeader header = POSTHOUSE__RPC_HEADER__INIT;

	if (job->answer)
		panic("%s was answered twice", job->frame.header->method);
	if (!status_ok(call->status)) {
		reply = NULL;
		rpc_attachment_release(&call->send);
	}
	header.status = call->status.code;
	header.not_begun = job->not_begun;
	if (call->status.text)
		header.status_text = (char *)call->status.text;
	if (status_ok(rpc_packet_pack(&header, reply, call->send, &job->answer))) {
		rpc_attachment_take(&call->send);
		return;
	}
	log_error("the answer to %s is too large", job->frame.header->method);
	header.status = STATUS_EXHAUSTED;
	header.status_text = (char *)"Answer too large";
	assert_that(status_ok(rpc_packet_pack(&header, NULL, (struct rpc_attachment){ 0 }, &job->answer)));
}

/* Nothing in it is needed any more; what was large is given back now, not when the slot is used again. */
static void
tidy_arena(struct arena *a)
{
	if (a->used > ARENA_KEPT) {
		arena_release(a);
		arena_init(a, 0);
	} else {
		arena_reset(a);
	}
}

/* Afterwards the job may be another request already. */
static void
job_send(struct job *job)
{
	if (!job->answer)
		panic("%s was not answered", job->frame.header->method);
	rpc_attachment_release(&job->call.send);
	rpc_attachment_release(&job->call.received);
	tidy_arena(&job->call.arena);
	rpc_slot_answer(job->server->port, job->slot, job->answer);
}

static void
refuse(struct job *job, enum status_code code, const char *text)
{
	job->call.status = status_make(code, text);
	rpc_job_answer(NULL, &job->call);
}

/* Before any worker has seen it. */
static void
refuse_early(struct job *job, enum status_code code, const char *text)
{
	rpc_metrics_refused(code);
	job->not_begun = true;
	refuse(job, code, text);
}

/* ---- arrival ---- */

static struct job *
job_begin(struct rpc_server *server, struct rpc_slot *slot)
{
	struct job *job = slot->user;

	if (!job) {
		job = slot->user = MEM_NEW(struct job);
		arena_init(&job->call.arena, 0);
	}
	struct arena arena = job->call.arena;
	*job = (struct job){ .server = server, .slot = slot, .call = { .arena = arena } };
	job->call.status = STATUS_FINE;
	job->call.internal = job;
	return job;
}

/* What travelled in the header. */
static void
fill_call(struct rpc_call *call, const struct rpc_frame *frame)
{
	const Posthouse__RpcHeader *header = frame->header;

	rpc_call_set_trace(call, header->trace_id);
	call->ticket = span_of(header->ticket.data, header->ticket.len);
	call->request_id = header->request_id[0] ? header->request_id : NULL;
	call->attempt = header->attempt;
	call->arrived = clock_mono_ms();
	call->deadline = header->timeout_ms ? call->arrived + header->timeout_ms : 0;
}

/* Is there code behind the method? A vtable may leave places empty. */
static bool
has_method(const ProtobufCService *service, unsigned method)
{
	void (*const *vtable)(void) = (void (*const *)(void))(service + 1);

	return service->invoke != protobuf_c_service_invoke_internal || vtable[method];
}

static bool
find_method(struct job *job)
{
	const struct rpc_server *server = job->server;
	const Posthouse__RpcHeader *header = job->frame.header;

	for (int i = 0; i < server->service_count; i++) {
		const ProtobufCService *service = server->services[i].implementation;
		if (strcmp(service->descriptor->name, header->service) != 0)
			continue;
		const ProtobufCMethodDescriptor *method =
		    protobuf_c_service_descriptor_get_method_by_name(service->descriptor, header->method);
		if (!method)
			return false;
		job->service = &server->services[i];
		job->method = (unsigned)(method - service->descriptor->methods);
		return has_method(service, job->method);
	}
	return false;
}

static void
tell_refused(struct job *job, const char *why)
{
	struct rpc_server *server = job->server;
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&server->lock);
	bool tell = !server->told || now - server->told >= TELL_EVERY_MS;
	if (tell)
		server->told = now;
	pthread_mutex_unlock(&server->lock);
	if (tell)
		log_warn("refused %s.%s to a peer that is %s: %s", job->frame.header->service, job->frame.header->method,
		    rpc_role_name(job->slot->roles), why);
}

/* Who asks, and how much. */
static struct status
check_rules(struct job *job)
{
	const struct rpc_rule *rules = job->service->rules;

	job->guarded = job->service->guard.check != NULL;
	if (!rules)
		return STATUS_FINE;
	const struct rpc_rule *rule = rpc_rules_find(rules, job->frame.header->method);
	struct status st = rpc_rule_allows(rule, job->slot->roles, job->frame.message.len, job->frame.attachment.len);
	job->guarded = job->guarded && rule && rule->guarded;
	if (!status_ok(st))
		tell_refused(job, st.text);
	return st;
}

/* Into the queue, unless it is full or closed. */
static bool
enqueue(struct job *job)
{
	struct rpc_server *server = job->server;

	pthread_mutex_lock(&server->lock);
	bool accepted = !server->draining && server->queue_length < server->queue_limit;
	if (accepted) {
		TAILQ_INSERT_TAIL(&server->queue, job, queued);
		LIST_INSERT_HEAD(&server->live, job, live);
		server->queue_length++;
		server->live_count++;
		rpc_metrics_queued();
		if (server->idle_workers > 0)
			pthread_cond_signal(&server->work);
	}
	pthread_mutex_unlock(&server->lock);
	return accepted;
}

/* True: to be sent at once. False: in the queue, and not to be touched. */
static bool
answer_now(struct job *job)
{
	if (rpc_health_answer(job))
		return true;
	if (!find_method(job)) {
		refuse_early(job, STATUS_UNIMPLEMENTED, "This version of the service cannot do that");
		return true;
	}
	struct status st = job->slot->too_much ?
	    status_make(STATUS_UNAVAILABLE, "Service is busy, try again later") : check_rules(job);
	if (!status_ok(st)) {
		refuse_early(job, st.code, st.text);
		return true;
	}
	if (enqueue(job))
		return false;
	refuse_early(job, STATUS_UNAVAILABLE, "Service is busy, try again later");
	return true;
}

static void
request_arrived(void *owner, struct rpc_slot *slot, struct rpc_block *take_request)
{
	struct job *job = job_begin(owner, slot);
	struct rpc_call *call = &job->call;
	struct status st = rpc_frame_parse(&call->arena, span_of(take_request->bytes, take_request->len),
	    &job->frame);

	/* The worker unpacks the message from the frame, which therefore stays, attachment or not. */
	call->received = rpc_attachment_in(job->frame.attachment, take_request);
	if (!status_ok(st)) {
		log_warn("refused a frame: %s", st.text);
		refuse_early(job, STATUS_INVALID, st.text);
		job_send(job);
		return;
	}
	fill_call(call, &job->frame);
	if (answer_now(job))
		job_send(job);
}

static void
slot_gone(void *owner, struct rpc_slot *slot)
{
	struct job *job = slot->user;

	(void)owner;
	if (job)
		arena_release(&job->call.arena);
	free(job);
}

/* ---- work ---- */

static void
run(struct job *job)
{
	struct rpc_call *call = &job->call;
	ProtobufCAllocator allocator = rpc_arena_allocator(&call->arena);
	ProtobufCService *service = job->service->implementation;
	const ProtobufCMethodDescriptor *method = &service->descriptor->methods[job->method];
	const struct rpc_guard *guard = &job->service->guard;

	if (!rpc_call_wanted(call)) {
		refuse(job, atomic_load(&call->cancelled) ? STATUS_CANCELLED : STATUS_DEADLINE,
		    "Too late for this request");
		return;
	}
	struct status st = job->guarded ? guard->check(guard->arg, call, service->descriptor->name, method->name,
	    job->frame.message) : STATUS_FINE;
	if (!status_ok(st)) {
		refuse(job, st.code, st.text);
		return;
	}
	const ProtobufCMessage *request = NULL;
	if (rpc_depth_within(method->input, job->frame.message, DEPTH_MAX,
	    UNPACKED_FREE + UNPACKED_TIMES * job->frame.message.len))
		request = protobuf_c_message_unpack(method->input, &allocator,
		    job->frame.message.len, (const uint8_t *)job->frame.message.at);
	if (!request) {
		log_warn("malformed %s request", method->name);
		refuse(job, STATUS_INVALID, "Malformed request");
		return;
	}
	service->invoke(service, job->method, request, rpc_job_answer, call);
}

/* The same, with what is to be known of it outside. */
static void
run_counted(struct job *job)
{
	int64_t begun = metric_clock();

	rpc_metrics_begun();
	log_set_trace(job->call.trace_id);
	run(job);
	rpc_metrics_served(job->service->implementation->descriptor->methods[job->method].name,
	    job->call.status.code, begun);
	log_set_trace(NULL);
}

void
rpc_job_finish_locked(struct rpc_server *server, struct job *job)
{
	LIST_REMOVE(job, live);
	pthread_mutex_unlock(&server->lock);
	job_send(job);
	pthread_mutex_lock(&server->lock);
	if (--server->live_count == 0 && server->draining)
		pthread_cond_signal(&server->quiet);
}

/* Called with the lock held, as it is when it returns. */
static void
work_locked(struct rpc_server *server, struct job *job)
{
	TAILQ_REMOVE(&server->queue, job, queued);
	server->queue_length--;
	pthread_mutex_unlock(&server->lock);
	run_counted(job);
	pthread_mutex_lock(&server->lock);
	if (!rpc_held_add_locked(server, job))
		rpc_job_finish_locked(server, job);
}

static void *
worker(void *arg)
{
	struct rpc_server *server = arg;
	struct job *job;

	pthread_mutex_lock(&server->lock);
	for (;;) {
		if ((job = TAILQ_FIRST(&server->queue)) != NULL) {
			work_locked(server, job);
			continue;
		}
		if (server->stopping)
			break;
		server->idle_workers++;
		pthread_cond_wait(&server->work, &server->lock);
		server->idle_workers--;
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* ---- life ---- */

struct status
rpc_server_new(const struct rpc_server_options *options, struct rpc_server **out)
{
	static const struct rpc_port_events events = { request_arrived, slot_gone };
	struct rpc_server *server = MEM_NEW(struct rpc_server);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_condattr_t monotonic;

	server->queue_limit = options->queue_limit ? options->queue_limit : QUEUE_LIMIT;
	server->worker_limit = options->workers ? options->workers :
	    cores * 2 > WORKERS_MIN ? (int)cores * 2 : WORKERS_MIN;
	server->name = server->version = server->instance = "";
	TAILQ_INIT(&server->queue);
	LIST_INIT(&server->live);
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->work, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&server->quiet, &monotonic);
	pthread_cond_init(&server->held_changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	server->port = rpc_port_new(&options->tls, &options->trust, &events, server);
	*out = server;
	return STATUS_FINE;
}

void
rpc_server_identify(struct rpc_server *server, const char *service, const char *version,
    const char *instance)
{
	server->name = service;
	server->version = version;
	server->instance = instance;
}

void
rpc_server_add(struct rpc_server *server, ProtobufCService *service)
{
	rpc_server_add_guarded(server, service, NULL, &(struct rpc_guard){ 0 });
}

void
rpc_server_add_guarded(struct rpc_server *server, ProtobufCService *service, const struct rpc_rule *rules,
    const struct rpc_guard *guard)
{
	size_t largest = RPC_FRAME_MAX;

	assert_that(server->service_count < MAX_SERVICES && server->worker_count == 0);
	if (rules) {
		rpc_rules_check(rules, service->descriptor);
		largest = rpc_rules_largest(rules);
	}
	if (largest > server->max_frame)
		server->max_frame = largest;
	server->services[server->service_count++] = (struct server_service){ service, rules, *guard };
}

static struct status
start_workers(struct rpc_server *server)
{
	server->workers = mem_zalloc((size_t)server->worker_limit * sizeof(*server->workers));
	while (server->worker_count < server->worker_limit) {
		if (pthread_create(&server->workers[server->worker_count], NULL, worker, server) != 0) {
			log_error("cannot start worker thread %d", server->worker_count + 1);
			return status_make(STATUS_EXHAUSTED, "Too many threads");
		}
		server->worker_count++;
	}
	return STATUS_FINE;
}

struct status
rpc_server_listen(struct rpc_server *server, const char *urls)
{
	struct span rest = span_str(urls);
	struct status st = server->workers ? STATUS_FINE : start_workers(server);

	if (server->max_frame)
		rpc_port_limit(server->port, server->max_frame);
	while (rest.at && status_ok(st)) {
		struct span one = span_trim(span_cut(&rest, ','));
		if (!one.len)
			continue;
		char *url = mem_strndup(one.at, one.len);
		st = rpc_port_listen(server->port, url);
		if (status_ok(st))
			log_info("listening on %s", url);
		free(url);
	}
	return st;
}

static void
wait_quiet_locked(struct rpc_server *server, int ms)
{
	int64_t end = clock_mono_ms() + ms;
	struct timespec until = { end / 1000, end % 1000 * 1000000 };
	struct job *job;

	while (server->live_count > 0 &&
	    pthread_cond_timedwait(&server->quiet, &server->lock, &until) == 0)
		;
	if (server->live_count > 0)
		log_warn("%d requests were not done in time", server->live_count);
	LIST_FOREACH(job, &server->live, live)
		atomic_store(&job->call.cancelled, true);
}

void
rpc_server_refuse(struct rpc_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->draining = true;
	rpc_held_hurry_locked(server);
	pthread_mutex_unlock(&server->lock);
}

bool
rpc_server_quiet(struct rpc_server *server)
{
	pthread_mutex_lock(&server->lock);
	bool quiet = server->live_count == 0;
	pthread_mutex_unlock(&server->lock);
	return quiet;
}

void
rpc_server_drain(struct rpc_server *server, int ms)
{
	bool served = server->worker_count > 0;

	rpc_server_refuse(server);
	pthread_mutex_lock(&server->lock);
	wait_quiet_locked(server, ms);
	server->stopping = true;
	pthread_cond_broadcast(&server->work);
	rpc_held_hurry_locked(server);
	pthread_mutex_unlock(&server->lock);
	while (server->worker_count > 0)
		pthread_join(server->workers[--server->worker_count], NULL);
	rpc_held_stop(server);
	if (served)
		usleep(FLUSH_MS * 1000);
}

void
rpc_server_free(struct rpc_server **pserver)
{
	struct rpc_server *server = *pserver;

	if (!server)
		return;
	rpc_server_drain(server, 0);
	rpc_port_free(&server->port);
	rpc_health_words_release(&server->missing);
	rpc_health_words_release(&server->degraded);
	free(server->workers);
	pthread_cond_destroy(&server->held_changed);
	pthread_cond_destroy(&server->quiet);
	pthread_cond_destroy(&server->work);
	pthread_mutex_destroy(&server->lock);
	free(server);
	*pserver = NULL;
}
