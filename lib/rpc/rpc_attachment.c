/*
 * rpc_attachment.c - bytes that travel beside a message
 */
#include "rpc/rpc_attachment.h"

#include "base/mem.h"
#include "base/panic.h"

/* One that is being written. */
struct growing {
	size_t room;
	char bytes[];
};

static void
release_memory(void *memory)
{
	free(memory);
}

static void
release_growing(void *growing)
{
	free(growing);
}

void
rpc_attachment_release(struct rpc_attachment *a)
{
	if (a->release)
		a->release(a->owner);
	*a = (struct rpc_attachment){ 0 };
}

struct rpc_attachment
rpc_attachment_take(struct rpc_attachment *from)
{
	struct rpc_attachment taken = *from;

	*from = (struct rpc_attachment){ 0 };
	return taken;
}

struct rpc_attachment
rpc_attachment_in(struct span bytes, void *take_memory)
{
	return (struct rpc_attachment){ bytes, take_memory, release_memory };
}

struct rpc_attachment
rpc_attachment_copy(struct span bytes)
{
	if (!bytes.len)
		return (struct rpc_attachment){ 0 };
	char *copy = mem_alloc(bytes.len);
	memcpy(copy, bytes.at, bytes.len);
	return rpc_attachment_in(span_of(copy, bytes.len), copy);
}

char *
rpc_attachment_reserve(struct rpc_attachment *a, size_t extra)
{
	struct growing *g = a->owner;
	size_t used = a->bytes.len, need;

	assert_that(!g || a->release == release_growing);
	assert_that(size_add(used, extra, &need));
	if (!g || g->room < need) {
		size_t room = g && need < 2 * g->room ? 2 * g->room : need;
		g = mem_realloc(g, sizeof(*g) + room);
		g->room = room;
	}
	*a = (struct rpc_attachment){ span_of(g->bytes, used), g, release_growing };
	return g->bytes + used;
}

void
rpc_attachment_commit(struct rpc_attachment *a, size_t len)
{
	const struct growing *g = a->owner;

	if (len == 0)		/* perhaps nothing was reserved, for lack of bytes */
		return;
	assert_that(g && a->release == release_growing);
	assert_that(len <= g->room - a->bytes.len);
	a->bytes.len += len;
}
