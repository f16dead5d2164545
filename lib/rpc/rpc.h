/*
 * rpc - calls between the services
 *
 * The interface of a service is the vtable that protobuf-c generates from its
 * `service` definition. Three things implement it: the server's code, the
 * client stub (rpc_client) and the in-memory fake that tests use. The
 * closure_data of each call is always a `struct rpc_call *`: what gRPC calls
 * metadata and status, and the raw attachment, in both directions.
 *
 * Calling:
 *
 *	struct rpc_call *call = rpc_call_new(trace, deadline_ms);
 *	call->ticket = ticket;
 *	posthouse__store__select(store_stub, &request, select_done, call);
 *
 *	static void select_done(const Posthouse__SelectReply *reply, void *data)
 *	{	struct rpc_call *call = data;		(status in call->status,
 *		...					 reply NULL unless OK)
 *		rpc_call_free(&call);
 *	}
 *
 * Answering (in a worker thread, straight-line and blocking):
 *
 *	static void method_select(Posthouse__Store_Service *s,
 *	    const Posthouse__SelectRequest *in, Posthouse__SelectReply_Closure closure, void *data)
 *	{	struct rpc_call *call = data;
 *		Posthouse__SelectReply reply = POSTHOUSE__SELECT_REPLY__INIT;
 *		call->status = ...;			(from call->arena what must live)
 *		closure(&reply, call);			(exactly once; reply ignored unless OK)
 *	}
 *
 * A fake for tests is written exactly like a server; rpc_loopback (rpc_loopback.h)
 * stands between it and the caller, in one process, without nng. A fake may keep closure and
 * data and answer later, on the thread where the caller expects answers.
 *
 * rpc_call_cancel and the end of a call must not race: cancel on the thread where closures
 * run (the executor's, see rpc_client.h), never after the closure has run.
 */
#ifndef RPC_RPC_H
#define RPC_RPC_H

#include <stdatomic.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/*
 * Bytes that travel beside a message and are not copied on the way.
 * rpc_attachment_release gives the memory back: on the receiving side it is
 * the frame itself.
 */
struct rpc_attachment {
	struct span bytes;
	void *owner;				/* what `release` frees       */
	void (*release)(void *owner);		/* NULL: nothing to free      */
};

void rpc_attachment_release(struct rpc_attachment *a);
/* Move: *from is empty afterwards. For evbuffer_add_reference and the like. */
struct rpc_attachment rpc_attachment_take(struct rpc_attachment *from);

/*
 * Write an attachment where it will be sent from, so that not even an answer
 * of a mebibyte is copied. Starts with an empty *a; call both as often as needed. Nothing may be committed
 * without having reserved anything.
 *
 *	char *at = rpc_attachment_reserve(&call->send, 65536);
 *	rpc_attachment_commit(&call->send, read(fd, at, 65536));
 *
 * What reserve returned is good until the next reserve. Asking for about as much as will
 * be needed saves growing.
 */
char *rpc_attachment_reserve(struct rpc_attachment *a, size_t extra);
void rpc_attachment_commit(struct rpc_attachment *a, size_t len);

struct rpc_call {
	/* Travels with the request. All borrowed from the arena or the caller until the answer. */
	char trace_id[33];
	struct span ticket;
	const char *request_id;		/* NULL: not a change                        */
	int64_t deadline;		/* clock_mono_ms() when it is over; 0: never */
	/*
	 * Through the connection that carried an earlier call (its `through`), or not at all: for what one process
	 * keeps in its memory. UNAVAILABLE when that connection is no more. 0: through any.
	 */
	uint64_t only_through;
	uint32_t attempt;		/* 1 at first                                */
	int64_t arrived;		/* server: clock_mono_ms() when the request came */
	int64_t answer_at;		/* server: the answer leaves no sooner (clock_mono_ms()), and no worker waits */
	struct rpc_attachment send;	/* request's (caller) or answer's (server)   */

	/* Comes back. */
	uint64_t through;		/* which connection it went through; never 0 after rpc_client's OK */
	struct status status;		/* text in `arena`                           */
	struct rpc_attachment received;	/* answer's (caller) or request's (server)   */

	struct arena arena;		/* messages are unpacked into it             */
	atomic_bool cancelled;		/* server: the caller no longer wants it     */
	void *user;			/* the caller's own                          */
	void *internal;			/* of whoever carries it: stub or server     */
	void (*on_cancel)(struct rpc_call *call);	/* likewise; tells it of rpc_call_cancel */
};

/* `deadline`: clock_mono_ms() value or 0. `trace` is copied, at most 32 bytes. */
struct rpc_call *rpc_call_new(const char *trace, int64_t deadline);
void rpc_call_set_trace(struct rpc_call *call, const char *trace);
/* NULL is fine. Not while the call is under way. Attachments still in it are released. */
void rpc_call_free(struct rpc_call **call);

/*
 * The caller no longer wants the answer: its closure runs soon with
 * STATUS_CANCELLED (still exactly once), and the server is told.
 */
void rpc_call_cancel(struct rpc_call *call);

/* Server side: has the caller gone, or the deadline passed? Long work asks now and then. */
bool rpc_call_wanted(const struct rpc_call *call);

/* A ProtobufCAllocator over an arena. */
ProtobufCAllocator rpc_arena_allocator(struct arena *a);

/* How one method may be retried; the table of a service is in lib/clients. */
enum rpc_retry {
	RPC_ONCE,			/* never sent twice                       */
	RPC_IDEMPOTENT,			/* may be sent again while time is left   */
	RPC_BY_REQUEST_ID,		/* the same, if the call has a request_id */
	RPC_UNTIL_ANSWERED,		/* the same, until a method has answered, be it UNAVAILABLE */
};

#endif
