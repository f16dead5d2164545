/*
 * request_memory.c - answers of the last minutes, for calls that are made again
 */
#include "storesvc/methods/request_memory.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/panic.h"

#define KEEP_MS ((int64_t)10 * 60 * 1000)
#define KEEP_COUNT 8192
#define KEEP_BYTES ((size_t)64 << 20)

struct request {
	char *name;
	size_t name_len;
	unsigned refs;			/* the memory's own, and of those who look at it */
	bool ended;
	bool forgotten;
	int64_t ended_at;
	enum status_code code;
	char *text;
	uint8_t *reply;			/* packed */
	size_t reply_len;
	char *attachment;
	size_t attachment_len;
	struct request *younger;	/* ended ones, oldest first */
};

struct request_memory {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct map by_name;
	struct request *oldest, *youngest;
	size_t count, bytes;		/* of ended ones */
};

struct request_memory *
request_memory_new(void)
{
	struct request_memory *memory = MEM_NEW(struct request_memory);
	pthread_condattr_t monotonic;

	pthread_mutex_init(&memory->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&memory->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	map_init(&memory->by_name);
	return memory;
}

static void
drop(struct request *r)
{
	if (--r->refs)
		return;
	free(r->name);
	free(r->text);
	free(r->reply);
	free(r->attachment);
	free(r);
}

/* No longer found. Lock held. */
static void
forget(struct request_memory *memory, struct request *r)
{
	r->forgotten = true;
	(void)map_remove(&memory->by_name, span_of(r->name, r->name_len));
}

static void
forget_oldest(struct request_memory *memory)
{
	struct request *r = memory->oldest;

	memory->oldest = r->younger;
	if (!memory->oldest)
		memory->youngest = NULL;
	memory->count--;
	memory->bytes -= r->reply_len + r->attachment_len;
	forget(memory, r);
	drop(r);
}

static void
forget_old(struct request_memory *memory)
{
	int64_t limit = clock_mono_ms() - KEEP_MS;

	while (memory->oldest && (memory->count > KEEP_COUNT || memory->bytes > KEEP_BYTES ||
	    memory->oldest->ended_at < limit))
		forget_oldest(memory);
}

void
request_memory_free(struct request_memory **where)
{
	struct request_memory *memory = *where;

	*where = NULL;
	if (!memory)
		return;
	while (memory->oldest)
		forget_oldest(memory);
	map_release(&memory->by_name);
	pthread_mutex_destroy(&memory->lock);
	pthread_cond_destroy(&memory->ended);
	free(memory);
}

static struct request *
new_request(struct request_memory *memory, struct span name)
{
	struct request *r = MEM_NEW(struct request);

	r->name = mem_strndup(name.at, name.len);
	r->name_len = name.len;
	r->refs = 2;
	(void)map_put(&memory->by_name, name, r);
	return r;
}

/* Until the call under way has ended; false: not before the deadline. Lock held. */
static bool
wait_for(struct request_memory *memory, struct request *r, int64_t deadline)
{
	struct timespec until = { .tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000 };

	while (!r->ended && !r->forgotten) {
		int error = deadline ? pthread_cond_timedwait(&memory->ended, &memory->lock, &until) :
		    pthread_cond_wait(&memory->ended, &memory->lock);
		if (error)
			return false;
	}
	return true;
}

struct status
request_begin(struct request_memory *memory, struct span name, int64_t deadline,
    struct request **out_mine, struct request **out_known)
{
	struct status st = STATUS_FINE;
	struct request *r;

	*out_mine = *out_known = NULL;
	pthread_mutex_lock(&memory->lock);
	while (status_ok(st) && !*out_mine && !*out_known) {
		r = map_find(&memory->by_name, name);
		if (!r) {
			*out_mine = new_request(memory, name);
			continue;
		}
		r->refs++;
		if (!wait_for(memory, r, deadline))
			st = status_make(STATUS_DEADLINE, "The same request is still being worked on");
		else if (!r->forgotten)
			*out_known = r;
		if (!*out_known)
			drop(r);
	}
	pthread_mutex_unlock(&memory->lock);
	return st;
}

struct status
request_answer(const struct request *known, struct rpc_call *call, ProtobufCMessage *reply)
{
	ProtobufCAllocator allocator = rpc_arena_allocator(&call->arena);

	if (known->code != STATUS_OK)
		return status_make(known->code, arena_strdup(&call->arena, known->text));
	ProtobufCMessage *again = protobuf_c_message_unpack(reply->descriptor, &allocator, known->reply_len,
	    known->reply);
	if (!again)
		return status_make(STATUS_INTERNAL, "A remembered answer cannot be read");
	memcpy(reply, again, reply->descriptor->sizeof_message);
	if (known->attachment_len) {
		char *copy = mem_alloc(known->attachment_len);
		memcpy(copy, known->attachment, known->attachment_len);
		call->send = (struct rpc_attachment){ span_of(copy, known->attachment_len), copy, free };
	}
	return STATUS_FINE;
}

void
request_put(struct request_memory *memory, struct request **known)
{
	pthread_mutex_lock(&memory->lock);
	drop(*known);
	pthread_mutex_unlock(&memory->lock);
	*known = NULL;
}

static bool
worth_keeping(enum status_code code)
{
	return code != STATUS_UNAVAILABLE && code != STATUS_DEADLINE && code != STATUS_CANCELLED;
}

static void
keep(struct request *r, struct status st, const ProtobufCMessage *reply, struct span attachment)
{
	r->code = st.code;
	r->text = mem_strdup(st.text);
	if (status_ok(st)) {
		r->reply_len = protobuf_c_message_get_packed_size(reply);
		r->reply = mem_alloc(r->reply_len);
		protobuf_c_message_pack(reply, r->reply);
		r->attachment = mem_strndup(attachment.at, attachment.len);
		r->attachment_len = attachment.len;
	}
	r->ended_at = clock_mono_ms();
}

void
request_end(struct request_memory *memory, struct request **mine, struct status st,
    const ProtobufCMessage *reply, struct span attachment)
{
	struct request *r = *mine;
	bool kept = worth_keeping(st.code);

	*mine = NULL;
	if (kept)
		keep(r, st, reply, attachment);
	pthread_mutex_lock(&memory->lock);
	if (kept) {
		assert_that(r->refs > 1);
		r->ended = true;
		*(memory->youngest ? &memory->youngest->younger : &memory->oldest) = r;
		memory->youngest = r;
		memory->count++;
		memory->bytes += r->reply_len + r->attachment_len;
	} else {
		forget(memory, r);
		r->refs--;		/* the memory's own; the caller's goes below */
	}
	drop(r);
	forget_old(memory);
	pthread_cond_broadcast(&memory->ended);
	pthread_mutex_unlock(&memory->lock);
}
