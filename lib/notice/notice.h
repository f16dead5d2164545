/*
 * notice - "this folder changed", through Redis, to whoever watches
 *
 * storesvc publishes on channel "posthouse:<account>" the text
 * "<mailbox id> <modseq>"; frontends subscribe to the accounts whose folders
 * they watch. A notice is a hint: losing one loses no change (Watch polls find it), so
 * publishing never blocks and never fails. Notices of one folder are merged while
 * they wait. After a reconnect the newest MODSEQ of each recently changed folder is published again.
 */
#ifndef NOTICE_NOTICE_H
#define NOTICE_NOTICE_H

#include <event2/event.h>

#include "base/span.h"
#include "base/status.h"

#define NOTICE_CHANNEL "posthouse:"	/* and the account */

/* Publishing: own thread, any thread may call. */
struct notice_publisher;

/* `url`: "redis://host:port", "redis://:password@host:port/0", "unix:///path". */
MUST_USE struct status notice_publisher_new(const char *url, struct notice_publisher **out);
void notice_publisher_free(struct notice_publisher **p);
void notice_publish(struct notice_publisher *p, const char *account, const char *mailbox_id, uint64_t modseq);
bool notice_publisher_connected(const struct notice_publisher *p);

/* Subscribing: on one event loop; callbacks run there. */
struct notice_subscriber;

struct notice_events {
	/* Something changed. */
	void (*changed)(void *arg, struct span account, struct span mailbox_id, uint64_t modseq);
	/* The channel came up (after every reconnect: anything may have been missed) or went down. */
	void (*channel)(void *arg, bool up);
};

MUST_USE struct status notice_subscriber_new(struct event_base *loop, const char *url,
    const struct notice_events *events, void *arg, struct notice_subscriber **out);
void notice_subscriber_free(struct notice_subscriber **s);
/* Counted: as many releases as watches. */
void notice_watch(struct notice_subscriber *s, const char *account);
void notice_unwatch(struct notice_subscriber *s, const char *account);
bool notice_subscriber_up(const struct notice_subscriber *s);

#endif
