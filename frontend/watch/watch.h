/*
 * watch - who wants to know when a folder changes, per loop
 *
 * A folder that several sessions of a loop have selected is watched once: one
 * subscription, and for a change one Sync call per MODSEQ that its sessions stand at (mostly one), whose
 * answer all of them share. Sessions in IDLE are told at once; the others get a mark that makes their next
 * NOOP ask in any case.
 *
 * The store watches a directory for as long as somebody renews the lease (Store.Watch, many folders
 * in one call): every minute, and every ten seconds as a poll while the channel is down. When the channel or
 * a store comes back, all folders are asked for at once, a little spread.
 */
#ifndef FRONTEND_WATCH_WATCH_H
#define FRONTEND_WATCH_WATCH_H

#include "base/span.h"
#include "frontend/net/loop.h"
#include "proto/store.pb-c.h"

struct session;
struct watch;

/* `redis_url` NULL or empty: no channel, polling only. */
struct watch *watch_new(struct loop *loop, const char *redis_url, int64_t patience);
void watch_free(struct watch **w);

/* The session has selected a mailbox: after session->selected is set. */
void watch_join(struct watch *w, struct session *s, struct span token);
/* Before session->selected goes. Harmless when it has not joined. */
void watch_leave(struct watch *w, struct session *s);

/* Is something known to have happened that the session was not told, or might it without our hearing of it? */
bool watch_is_dirty(const struct session *s);
/* The session is told everything up to its view's MODSEQ. */
void watch_is_clean(struct session *s);
/* Sync gave a (new) token for the session's mailbox. An empty one is no news. */
void watch_set_token(struct session *s, struct span token);
/* IDLE begins: tell what is known by now, then as it comes. IDLE ends. */
void watch_idle(struct session *s, bool on);

/* A folder has changed, says the channel, or whoever knows otherwise. From the loop. */
void watch_notice(struct watch *w, struct span account, struct span mailbox_id, uint64_t modseq);
/* The channel of notices came up (after every reconnect) or went down. From the loop. */
void watch_channel(struct watch *w, bool up);
/* A store is reachable again (or for the first time): its folders may have changed. From the loop. */
void watch_store_back(struct watch *w);

#endif
