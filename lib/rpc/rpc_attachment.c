/*
 * rpc_attachment.c - bytes that travel beside a message
 *
 * An attachment written in place starts HEADROOM bytes into its nng_msg, so
 * that prefix, header and message can be put in front without moving it.
 */
#include "rpc/rpc_attachment.h"

#include <nng/nng.h>

#include "base/panic.h"

#define HEADROOM 1024
#define SLACK 64	/* nng may keep some headroom of its own in front of ours */

static void
release_msg(void *msg)
{
	nng_msg_free(msg);
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
rpc_attachment_of_msg(struct span bytes, struct nng_msg *take_msg)
{
	return (struct rpc_attachment){ bytes, take_msg, release_msg };
}

/* Is it all of a message, as only rpc_attachment_reserve makes it? */
static bool
in_place(const struct rpc_attachment *a)
{
	return a->release == release_msg && a->bytes.at == nng_msg_body(a->owner) &&
	    a->bytes.len == nng_msg_len(a->owner);
}

struct nng_msg *
rpc_attachment_detach(struct rpc_attachment *a)
{
	struct nng_msg *msg = a->owner;

	if (!in_place(a))
		return NULL;
	*a = (struct rpc_attachment){ 0 };
	return msg;
}

/* An empty message whose body begins HEADROOM bytes into its memory. */
static struct nng_msg *
msg_with_headroom(size_t room)
{
	struct nng_msg *msg;

	assert_that(nng_msg_alloc(&msg, HEADROOM + room + SLACK) == 0);
	assert_that(nng_msg_trim(msg, HEADROOM) == 0);
	assert_that(nng_msg_chop(msg, room + SLACK) == 0);
	return msg;
}

char *
rpc_attachment_reserve(struct rpc_attachment *a, size_t extra)
{
	if (!a->owner)
		*a = rpc_attachment_of_msg(span_of(NULL, 0), msg_with_headroom(extra));
	struct nng_msg *msg = a->owner;
	size_t used = nng_msg_len(msg);
	if (nng_msg_capacity(msg) < HEADROOM + SLACK + used + extra)
		assert_that(nng_msg_reserve(msg, SLACK + used + (extra > used ? extra : used)) == 0);
	a->bytes = span_of(nng_msg_body(msg), used);
	return (char *)nng_msg_body(msg) + used;
}

void
rpc_attachment_commit(struct rpc_attachment *a, size_t len)
{
	assert_that(nng_msg_append(a->owner, NULL, len) == 0);
	a->bytes = span_of(nng_msg_body(a->owner), nng_msg_len(a->owner));
}
