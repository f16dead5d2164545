/*
 * overload - is there more to do already than we can do well?
 *
 * Then new connections are turned away before they cost much, so that those that stand are served: with a word while that
 * is cheap, and by closing when even TLS handshakes are too many. What is looked at:
 *
 *	calls		that wait for other services: a store or authsvc does not keep up, or is away
 *	memory		of this process, against MAX_MEMORY or what its control group (v2) may have
 *	handshakes	under way at the same time
 *
 * Any thread may ask; overload_look is one thread's.
 */
#ifndef FRONTEND_ADMISSION_OVERLOAD_H
#define FRONTEND_ADMISSION_OVERLOAD_H

#include <stdbool.h>
#include <stdint.h>

struct overload;

/* 0: no limit; of `memory`: nine tenths of what the control group may have. */
struct overload_limits {
	int64_t calls, memory, handshakes;
};

struct overload *overload_new(const struct overload_limits *limits);
void overload_free(struct overload **o);

/* How much memory do we have now? Every second or so. */
void overload_look(struct overload *o);

/* NULL: no. Otherwise what to tell who comes now. */
const char *overload_reason(struct overload *o, int64_t calls);

/* May one more handshake begin? */
bool overload_handshake_room(struct overload *o);
/* It begins (1), is over (-1). */
void overload_handshakes(struct overload *o, int change);

#endif
