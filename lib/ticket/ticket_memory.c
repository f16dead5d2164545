/*
 * ticket_memory.c - a set-associative cache of byte strings
 *
 * The hash names a row of WAYS entries; rows are guarded by a handful of
 * locks, so that worker threads rarely meet.
 */
#include "ticket/ticket_memory.h"

#include <pthread.h>
#include <stdlib.h>

#include <xxhash.h>

#include "base/mem.h"

#define WAYS 4
#define LOCKS 16
#define LONGEST 4096		/* bytes of a ticket worth keeping */

struct entry {
	uint64_t hash;
	uint64_t used;		/* the row's clock when last asked for */
	char *bytes;		/* NULL: free                          */
	size_t len;
};

struct row {
	struct entry entry[WAYS];
	uint64_t clock;
};

struct ticket_memory {
	size_t rows;		/* a power of two            */
	struct row *row;
	pthread_mutex_t lock[LOCKS];	/* row i is guarded by lock i % LOCKS */
};

struct ticket_memory *
ticket_memory_new(size_t capacity)
{
	struct ticket_memory *m = MEM_NEW(struct ticket_memory);

	m->rows = LOCKS;
	while (m->rows * WAYS < capacity)
		m->rows *= 2;
	m->row = mem_zalloc(m->rows * sizeof(*m->row));
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&m->lock[i], NULL);
	return m;
}

void
ticket_memory_free(struct ticket_memory **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->rows; i++)
		for (size_t w = 0; w < WAYS; w++)
			free((*m)->row[i].entry[w].bytes);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&(*m)->lock[i]);
	free((*m)->row);
	free(*m);
	*m = NULL;
}

static struct entry *
find(struct row *r, struct span bytes, uint64_t hash)
{
	for (size_t w = 0; w < WAYS; w++) {
		struct entry *e = &r->entry[w];
		if (e->bytes && e->hash == hash && span_eq(span_of(e->bytes, e->len), bytes))
			return e;
	}
	return NULL;
}

static struct entry *
oldest(struct row *r)
{
	struct entry *oldest = &r->entry[0];

	for (size_t w = 1; w < WAYS; w++)
		if (r->entry[w].used < oldest->used)
			oldest = &r->entry[w];
	return oldest;
}

bool
ticket_memory_knows(struct ticket_memory *m, struct span signed_ticket)
{
	uint64_t hash = XXH3_64bits(signed_ticket.at, signed_ticket.len);
	size_t at = hash & (m->rows - 1);
	struct row *r = &m->row[at];

	pthread_mutex_lock(&m->lock[at % LOCKS]);
	struct entry *e = find(r, signed_ticket, hash);
	if (e)
		e->used = ++r->clock;
	pthread_mutex_unlock(&m->lock[at % LOCKS]);
	return e != NULL;
}

void
ticket_memory_add(struct ticket_memory *m, struct span signed_ticket)
{
	uint64_t hash = XXH3_64bits(signed_ticket.at, signed_ticket.len);
	size_t at = hash & (m->rows - 1);
	struct row *r = &m->row[at];

	if (signed_ticket.len > LONGEST)
		return;
	pthread_mutex_lock(&m->lock[at % LOCKS]);
	if (!find(r, signed_ticket, hash)) {
		struct entry *e = oldest(r);
		free(e->bytes);
		*e = (struct entry){
			.hash = hash, .used = ++r->clock, .len = signed_ticket.len,
			.bytes = mem_strndup(signed_ticket.at, signed_ticket.len),
		};
	}
	pthread_mutex_unlock(&m->lock[at % LOCKS]);
}
