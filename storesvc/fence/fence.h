/*
 * fence - a store that has lost its tree writes nothing more
 *
 * A process may be stopped or cut off for any time and come back believing that it still owns its tree. So
 * nothing believes it for long: whoever is about to change a file, or to answer a call, passes the
 * fence first. That is a look at the clock as long as somebody has looked at the tree in the last
 * second, and such a look otherwise. A process that finds its lock or its epoch gone ends there and then, with
 * exit code 75.
 *
 *	fence_take(root, &fence);	(waits for a former owner who may still be alive to notice)
 *	...
 *	fence_check();			(before each rename, link, unlink and write; before each answer)
 *	...
 *	fence_leave(&fence);		(everything is written; the next owner need not wait)
 *
 * A process has one fence at most. Without one, as in tests of single parts, everything may pass.
 * docs/adr/0009-the-fence.md says why this is enough.
 */
#ifndef FENCE_FENCE_H
#define FENCE_FENCE_H

#include "base/status.h"

struct fence;

/* UNAVAILABLE: another process owns the tree. What is wrong has been logged. */
MUST_USE struct status fence_take(const char *root, struct fence **out);

/* Is the tree ours? Ends the process when it is not. Safe on any thread, and under an account's ids. */
void fence_check(void);
/* The same with a look at the tree in any case: whoever does it often spares the others theirs. */
void fence_look(void);

/* Both take NULL, too. Abandoning leaves the tree as a kill would. */
void fence_leave(struct fence **fence);
void fence_abandon(struct fence **fence);

#endif
