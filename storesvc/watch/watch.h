/*
 * watch - one inotify descriptor for all open mailboxes
 *
 * Whoever turns to a mailbox first calls watch_drain: every event that is
 * there goes to its mailbox, so what happened in a directory before the call is known
 * after it. A keeper thread waits for events (watch_wait) for those that nobody turns to.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include "storesvc/mailbox/mailbox_open.h"

struct watch;

/* Never fails: without inotify nothing is watched and mailboxes poll. */
struct watch *watch_new(void);
void watch_free(struct watch **watch);

/* Watch its cur/ and new/; without success (logged once) the mailbox polls. */
void watch_add(struct watch *w, struct mailbox *box);
/* Afterwards no event reaches the mailbox. */
void watch_remove(struct watch *w, struct mailbox *box);

/* Hand out what is there. */
void watch_drain(struct watch *w);

/* Until something happens, somebody calls watch_wake, or `ms` have passed; true: something has happened. */
bool watch_wait(struct watch *w, int ms);
void watch_wake(struct watch *w);
/* The mailboxes events were given to since the last call: pointers to compare, not to follow. The caller frees it. */
size_t watch_take_touched(struct watch *w, struct mailbox ***out);

#endif
