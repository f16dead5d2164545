/*
 * rpc_health.c - what every service answers: Check and Cancel
 *
 * Runs on nng's threads, so that it works when every worker is busy; nothing
 * here blocks.
 */
#include "rpc/rpc_server_state.h"

#include "base/mem.h"

/* A copy in the arena. */
static void
copy_words(struct arena *a, const struct health_words *words, size_t *out_count, char ***out)
{
	*out_count = words->count;
	*out = ARENA_ARRAY(a, words->count, char *);
	for (size_t i = 0; i < words->count; i++)
		(*out)[i] = arena_strdup(a, words->at[i]);
}

static void
health_check(struct job *job)
{
	struct rpc_server *server = job->server;
	Posthouse__HealthReply reply = POSTHOUSE__HEALTH_REPLY__INIT;

	reply.service = (char *)server->name;
	reply.version = (char *)server->version;
	reply.instance = (char *)server->instance;
	pthread_mutex_lock(&server->lock);
	reply.ready = !server->missing.count && !server->draining;
	copy_words(&job->call.arena, &server->missing, &reply.n_missing, &reply.missing);
	copy_words(&job->call.arena, &server->degraded, &reply.n_degraded, &reply.degraded);
	pthread_mutex_unlock(&server->lock);
	rpc_job_answer(&reply.base, &job->call);
}

/* A request that is over, or never came, is no error: the answer has crossed this on its way. */
static void
health_cancel(struct job *job, const Posthouse__CancelRequest *request)
{
	struct rpc_server *server = job->server;
	Posthouse__CancelReply reply = POSTHOUSE__CANCEL_REPLY__INIT;
	struct job *other;

	pthread_mutex_lock(&server->lock);
	LIST_FOREACH(other, &server->live, live)
		if (other->frame.header->client_id == request->client_id &&
		    other->frame.header->call_id == request->call_id)
			atomic_store(&other->call.cancelled, true);
	pthread_mutex_unlock(&server->lock);
	rpc_job_answer(&reply.base, &job->call);
}

bool
rpc_health_answer(struct job *job)
{
	const Posthouse__RpcHeader *header = job->frame.header;
	ProtobufCAllocator allocator = rpc_arena_allocator(&job->call.arena);

	if (strcmp(header->service, posthouse__health__descriptor.name) != 0)
		return false;
	if (strcmp(header->method, "Check") == 0) {
		health_check(job);
		return true;
	}
	if (strcmp(header->method, "Cancel") != 0)
		return false;
	const Posthouse__CancelRequest *request = posthouse__cancel_request__unpack(&allocator,
	    job->frame.message.len, (const uint8_t *)job->frame.message.at);
	if (request) {
		health_cancel(job, request);
	} else {
		job->call.status = status_make(STATUS_INVALID, "Malformed request");
		rpc_job_answer(NULL, &job->call);
	}
	return true;
}

void
rpc_health_words_release(struct health_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->at[i]);
	free(words->at);
	*words = (struct health_words){ 0 };
}

/* `where`: of the server's. */
static void
set_words(struct rpc_server *server, struct health_words *where, const char *const *words, size_t count)
{
	struct health_words set = { mem_zalloc((count + 1) * sizeof(*set.at)), count };

	for (size_t i = 0; i < count; i++)
		set.at[i] = mem_strdup(words[i]);
	pthread_mutex_lock(&server->lock);
	struct health_words old = *where;
	*where = set;
	pthread_mutex_unlock(&server->lock);
	rpc_health_words_release(&old);
}

void
rpc_server_set_missing(struct rpc_server *server, const char *const *missing, size_t count)
{
	set_words(server, &server->missing, missing, count);
}

void
rpc_server_set_degraded(struct rpc_server *server, const char *const *degraded, size_t count)
{
	set_words(server, &server->degraded, degraded, count);
}
