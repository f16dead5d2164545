/*
 * ticket_memory - which signed tickets were found genuine
 *
 * A verification costs eighty microseconds, and a session shows the same ticket with
 * every call. The whole bytes are kept and compared, so remembering needs no
 * trust in a hash. Bounded: a newcomer takes the place of the entry in
 * its row that was not asked for the longest. Thread-safe.
 */
#ifndef TICKET_TICKET_MEMORY_H
#define TICKET_TICKET_MEMORY_H

#include <stdbool.h>

#include "base/span.h"

struct ticket_memory;

/* `capacity` tickets at most (rounded up to a power of two). */
struct ticket_memory *ticket_memory_new(size_t capacity);
void ticket_memory_free(struct ticket_memory **m);

bool ticket_memory_knows(struct ticket_memory *m, struct span signed_ticket);
/* Only what was verified goes in. Very long tickets are not kept. */
void ticket_memory_add(struct ticket_memory *m, struct span signed_ticket);

#endif
