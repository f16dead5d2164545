/*
 * ticket_arena - messages unpacked into the caller's arena
 */
#ifndef TICKET_TICKET_ARENA_H
#define TICKET_TICKET_ARENA_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"

static inline void *
ticket_arena_take(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static inline void
ticket_arena_keep(void *arena, void *at)
{
	(void)arena, (void)at;
}

static inline ProtobufCAllocator
ticket_arena(struct arena *a)
{
	return (ProtobufCAllocator){ ticket_arena_take, ticket_arena_keep, a };
}

#endif
