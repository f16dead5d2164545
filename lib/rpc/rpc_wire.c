/*
 * rpc_wire.c - one connection: packets out, frames in
 *
 * What is relied on of nng 1.5 (see docs/adr/0001-rpc-pattern.md): closing a
 * stream ends the operations posted on it, but one posted while it is being closed
 * may stay for ever. So whoever posts looks at `closing` afterwards and aborts
 * its own operation; whoever closes sets `closing` first and aborts afterwards.
 */
#include "rpc/rpc_wire.h"

#include <pthread.h>
#include <stdatomic.h>

#include <nng/nng.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"

#define IOV_MAX_PARTS 8			/* as many as an nng_aio takes   */
#define FRAME_MS 10000			/* for a frame to come, once begun ... */
#define FRAME_RATE 64			/* ... and this much more for each millisecond, in bytes */
#define QUEUED_MAX (32u << 20)		/* bytes waiting before reading stops */

struct rpc_wire {
	nng_stream *stream;
	nng_aio *receiving, *sending;
	struct rpc_wire_events events;
	void *owner;
	struct rpc_reader reader;	/* the receiver's own            */
	atomic_bool closing;
	atomic_int users;		/* operations posted and callbacks running, and 1 while open */
	atomic_int holders;
	_Atomic int64_t begun;		/* clock_mono_ms() when the frame that is being received was; 0: none is */
	atomic_size_t begun_len;	/* its bytes                     */
	atomic_size_t owed;

	pthread_mutex_t lock;		/* of what follows               */
	struct rpc_packets queue;	/* first: being sent             */
	size_t first_sent;		/* bytes of it that have left    */
	size_t queued_bytes;
	uint64_t queued, started, finished;	/* packets, counted      */
	bool write_active, read_paused;
};

static void
put(struct rpc_wire *wire)
{
	if (atomic_fetch_sub(&wire->users, 1) == 1)
		wire->events.closed(wire->owner);
}

/* While it is open it has a user already, so `closed` cannot come in between. */
static bool
add_user_locked(struct rpc_wire *wire)
{
	if (atomic_load(&wire->closing))
		return false;
	atomic_fetch_add(&wire->users, 1);
	return true;
}

void
rpc_wire_close(struct rpc_wire *wire)
{
	pthread_mutex_lock(&wire->lock);
	bool again = atomic_exchange(&wire->closing, true);
	pthread_mutex_unlock(&wire->lock);
	if (again)
		return;
	nng_stream_close(wire->stream);
	nng_aio_abort(wire->receiving, NNG_ECLOSED);
	nng_aio_abort(wire->sending, NNG_ECLOSED);
	put(wire);
}

/* ---- receiving ---- */

/* Called by whoever keeps the wire alive meanwhile. */
static void
receive(struct rpc_wire *wire)
{
	struct span room = rpc_reader_room(&wire->reader);
	nng_iov iov = { (void *)room.at, room.len };

	pthread_mutex_lock(&wire->lock);
	bool open = add_user_locked(wire);
	pthread_mutex_unlock(&wire->lock);
	if (!open)
		return;
	nng_aio_set_iov(wire->receiving, 1, &iov);
	nng_stream_recv(wire->stream, wire->receiving);
	if (atomic_load(&wire->closing))
		nng_aio_abort(wire->receiving, NNG_ECLOSED);
}

/* Not now: what waits to be sent goes first. Sending resumes it. */
static bool
pause_reading(struct rpc_wire *wire)
{
	pthread_mutex_lock(&wire->lock);
	bool pause = wire->queued_bytes > QUEUED_MAX && !atomic_load(&wire->closing);
	wire->read_paused = pause;
	if (pause)
		atomic_store(&wire->begun, 0);
	pthread_mutex_unlock(&wire->lock);
	return pause;
}

/* `fresh`: what was being received has come, or it is not the sender's fault that it has not. */
static void
note_begun(struct rpc_wire *wire, bool fresh)
{
	size_t len = rpc_reader_begun(&wire->reader);

	atomic_store(&wire->begun_len, len);
	if (!len)
		atomic_store(&wire->begun, 0);
	else if (fresh || !atomic_load(&wire->begun))
		atomic_store(&wire->begun, clock_mono_ms());
}

bool
rpc_wire_late(struct rpc_wire *wire, int64_t now)
{
	int64_t begun = atomic_load(&wire->begun);

	return begun && now - begun > FRAME_MS + (int64_t)(atomic_load(&wire->begun_len) / FRAME_RATE);
}

size_t
rpc_wire_owe(struct rpc_wire *wire, ptrdiff_t bytes)
{
	return atomic_fetch_add(&wire->owed, (size_t)bytes) + (size_t)bytes;
}

static void
received(void *arg)
{
	struct rpc_wire *wire = arg;
	enum rpc_read result = RPC_READ_BAD;
	struct rpc_block *frame;
	bool fresh = false;

	if (nng_aio_result(wire->receiving) == 0) {
		rpc_reader_fed(&wire->reader, nng_aio_count(wire->receiving));
		while ((result = rpc_reader_next(&wire->reader, &frame)) == RPC_READ_FRAME) {
			fresh = true;
			wire->events.frame(wire->owner, frame);
		}
		note_begun(wire, fresh);
		if (result == RPC_READ_BAD)
			log_warn("malformed or too large frame; closing the connection");
	}
	if (result == RPC_READ_BAD)
		rpc_wire_close(wire);
	else if (!pause_reading(wire))
		receive(wire);
	put(wire);
}

void
rpc_wire_start(struct rpc_wire *wire)
{
	receive(wire);
}

/* ---- sending ---- */

static void
add_part(nng_iov *iov, unsigned *count, size_t *skip, struct span part)
{
	size_t skipped = *skip < part.len ? *skip : part.len;

	*skip -= skipped;
	part = span_skip(part, skipped);
	if (part.len)
		iov[(*count)++] = (nng_iov){ (void *)part.at, part.len };
}

/* As many packets as fit into one write. */
static unsigned
gather_locked(struct rpc_wire *wire, nng_iov *iov)
{
	struct rpc_packet *packet;
	size_t skip = wire->first_sent;
	uint64_t number = wire->finished;
	unsigned count = 0;

	TAILQ_FOREACH(packet, &wire->queue, entry) {
		if (count + 2 > IOV_MAX_PARTS)
			break;
		number++;
		add_part(iov, &count, &skip, span_of(packet->head, packet->head_len));
		add_part(iov, &count, &skip, packet->attachment.bytes);
	}
	if (number > wire->started)
		wire->started = number;
	return count;
}

/* A user has been added for it. */
static void
post_write(struct rpc_wire *wire, nng_iov *iov, unsigned count)
{
	nng_aio_set_iov(wire->sending, count, iov);
	nng_stream_send(wire->stream, wire->sending);
	if (atomic_load(&wire->closing))
		nng_aio_abort(wire->sending, NNG_ECLOSED);
}

static size_t
packet_len(const struct rpc_packet *packet)
{
	return packet->head_len + packet->attachment.bytes.len;
}

/* Packets that have left entirely are moved to `gone`. */
static void
advance_locked(struct rpc_wire *wire, size_t bytes, struct rpc_packets *gone)
{
	struct rpc_packet *packet;

	wire->first_sent += bytes;
	wire->queued_bytes -= bytes;
	while ((packet = TAILQ_FIRST(&wire->queue)) != NULL && wire->first_sent >= packet_len(packet)) {
		wire->first_sent -= packet_len(packet);
		TAILQ_REMOVE(&wire->queue, packet, entry);
		TAILQ_INSERT_TAIL(gone, packet, entry);
		wire->finished++;
	}
}

static void
free_packets(struct rpc_packets *gone)
{
	for (struct rpc_packet *packet; (packet = TAILQ_FIRST(gone)) != NULL;) {
		TAILQ_REMOVE(gone, packet, entry);
		rpc_packet_free(&packet);
	}
}

static void
sent(void *arg)
{
	struct rpc_wire *wire = arg;
	struct rpc_packets gone = TAILQ_HEAD_INITIALIZER(gone);
	nng_iov iov[IOV_MAX_PARTS];
	unsigned count = 0;
	bool failed = nng_aio_result(wire->sending) != 0, resume = false;

	pthread_mutex_lock(&wire->lock);
	if (!failed) {
		advance_locked(wire, nng_aio_count(wire->sending), &gone);
		if (!TAILQ_EMPTY(&wire->queue) && add_user_locked(wire))
			count = gather_locked(wire, iov);
		resume = wire->read_paused && wire->queued_bytes <= QUEUED_MAX / 2;
	}
	wire->write_active = count > 0;
	if (resume)
		wire->read_paused = false;
	pthread_mutex_unlock(&wire->lock);
	free_packets(&gone);
	if (failed)
		rpc_wire_close(wire);
	if (resume) {
		note_begun(wire, true);
		receive(wire);
	}
	if (count)
		post_write(wire, iov, count);
	put(wire);
}

uint64_t
rpc_wire_send(struct rpc_wire *wire, struct rpc_packet *take_packet)
{
	nng_iov iov[IOV_MAX_PARTS];
	unsigned count = 0;

	pthread_mutex_lock(&wire->lock);
	if (atomic_load(&wire->closing)) {
		pthread_mutex_unlock(&wire->lock);
		rpc_packet_free(&take_packet);
		return 0;
	}
	uint64_t number = ++wire->queued;
	TAILQ_INSERT_TAIL(&wire->queue, take_packet, entry);
	wire->queued_bytes += packet_len(take_packet);
	if (!wire->write_active && add_user_locked(wire)) {
		wire->write_active = true;
		count = gather_locked(wire, iov);
	}
	pthread_mutex_unlock(&wire->lock);
	if (count)
		post_write(wire, iov, count);
	return number;
}

bool
rpc_wire_left(struct rpc_wire *wire, uint64_t packet)
{
	pthread_mutex_lock(&wire->lock);
	bool left = packet && packet <= wire->started;
	pthread_mutex_unlock(&wire->lock);
	return left;
}

/* ---- life ---- */

struct rpc_wire *
rpc_wire_new(struct nng_stream *take_stream, size_t max_frame, const struct rpc_wire_events *events,
    void *owner)
{
	struct rpc_wire *wire = MEM_NEW(struct rpc_wire);

	wire->stream = take_stream;
	wire->events = *events;
	wire->owner = owner;
	atomic_init(&wire->users, 1);
	atomic_init(&wire->holders, 1);
	TAILQ_INIT(&wire->queue);
	pthread_mutex_init(&wire->lock, NULL);
	rpc_reader_init(&wire->reader, max_frame);
	assert_that(nng_aio_alloc(&wire->receiving, received, wire) == 0);
	assert_that(nng_aio_alloc(&wire->sending, sent, wire) == 0);
	return wire;
}

struct rpc_wire *
rpc_wire_hold(struct rpc_wire *wire)
{
	atomic_fetch_add(&wire->holders, 1);
	return wire;
}

void
rpc_wire_free(struct rpc_wire **pwire)
{
	struct rpc_wire *wire = *pwire;

	*pwire = NULL;
	if (!wire || atomic_fetch_sub(&wire->holders, 1) > 1)
		return;
	nng_aio_reap(wire->receiving);	/* this may be a callback of either */
	nng_aio_reap(wire->sending);
	nng_stream_free(wire->stream);
	free_packets(&wire->queue);
	rpc_reader_release(&wire->reader);
	pthread_mutex_destroy(&wire->lock);
	free(wire);
}
