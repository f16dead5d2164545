/*
 * visit - a worker thread looks at what belongs to a loop
 *
 * Sessions are their loop's alone, so whoever wants to see them from outside has his code run
 * there and waits. Loops do not block, and outlive the workers that wait for them.
 */
#ifndef FRONTEND_ADMIN_VISIT_H
#define FRONTEND_ADMIN_VISIT_H

#include "frontend/frontend.h"

/* Run `look(loop, arg)` on the loop; returns when it has run. Not from a loop. */
void visit_loop(struct frontend_loop *l, void (*look)(struct frontend_loop *l, void *arg), void *arg);

#endif
