/*
 * report - what a check of a mailbox found
 */
#ifndef ADMIN_REPORT_H
#define ADMIN_REPORT_H

#include "base/arena.h"
#include "proto/admin.pb-c.h"

#define REPORT_MOST 1000		/* findings that are told; all are counted */

/* What mends it. */
enum cure {
	CURE_ITSELF,			/* the store does, when the mailbox is next opened or the message asked for */
	CURE_REBUILD,			/* posthousectl mailbox rebuild */
	CURE_HAND,			/* a person has to look         */
};

struct report {
	struct arena *arena;
	Posthouse__Finding **findings;
	size_t count, room;
	uint64_t found, messages, bytes;
};

void report_init(struct report *r, struct arena *a);
void report_release(struct report *r);

/* `kind`: a literal, for programs. `file` within the mailbox, NULL: the mailbox as a whole. */
__attribute__((format(printf, 5, 6)))
void report_add(struct report *r, const char *kind, enum cure cure, const char *file, const char *format, ...);

#endif
