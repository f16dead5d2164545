/*
 * request_memory - answers of the last minutes, for calls that are made again
 *
 * A change bears a request id. When its answer is lost on the way, the caller calls
 * again with the same id and gets the first outcome; when the first is still
 * under way, the second waits for it. Bounded in number, bytes and time. What does not
 * survive a restart here is found by the marks in file names, see mailbox_changes.h.
 */
#ifndef METHODS_REQUEST_MEMORY_H
#define METHODS_REQUEST_MEMORY_H

#include "rpc/rpc.h"

struct request_memory;
struct request;

struct request_memory *request_memory_new(void);
void request_memory_free(struct request_memory **memory);

/*
 * NULL: this is the first call of this name, or all before it came to nothing; *out_mine is then to be
 * passed to request_end. Otherwise the remembered call, to be read with request_answer
 * and given back with request_put. DEADLINE when the first does not end in time.
 */
MUST_USE struct status request_begin(struct request_memory *memory, struct span name, int64_t deadline,
    struct request **out_mine, struct request **out_known);

/* Fill in what the first call answered: *reply (as initialised) and call->send. Its status is returned. */
struct status request_answer(const struct request *known, struct rpc_call *call, ProtobufCMessage *reply);
void request_put(struct request_memory *memory, struct request **known);

/* An outcome that may be different next time (UNAVAILABLE, DEADLINE, CANCELLED) is forgotten. */
void request_end(struct request_memory *memory, struct request **mine, struct status st,
    const ProtobufCMessage *reply, struct span attachment);

#endif
