/*
 * store_lock - two processes never own one tree
 *
 * An OFD lock on posthouse-store.lock in MAILDIR_ROOT, with the instance written in
 * it. A process that finds the file gone, replaced or rewritten has lost it: somebody
 * has decided that another process owns the tree. What follows from that is fence.h's.
 */
#ifndef FENCE_STORE_LOCK_H
#define FENCE_STORE_LOCK_H

#include "base/status.h"

struct store_lock;

/* UNAVAILABLE when another process holds it (logged with its name). */
MUST_USE struct status store_lock_take(const char *root, struct store_lock **out);
void store_lock_free(struct store_lock **lock);

/* Was the file there before? Its lock says nothing about those who had it when it was another file. */
bool store_lock_is_new(const struct store_lock *lock);
/* Is it still ours? */
bool store_lock_held(const struct store_lock *lock);

/* Does this errno of a look at a file mean that it is not there, or only that it cannot be seen? */
bool store_lock_says_gone(int error);

#endif
