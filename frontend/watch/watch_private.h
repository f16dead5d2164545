/*
 * watch_private - what the files of watch/ share
 *
 *	watch.c		sessions come and go, notices come
 *	watch_sync.c	a folder has changed: ask once, tell everybody
 *	watch_poll.c	leases, and asking about all folders when notices may have been missed
 */
#ifndef FRONTEND_WATCH_WATCH_PRIVATE_H
#define FRONTEND_WATCH_WATCH_PRIVATE_H

#include "base/map.h"
#include "frontend/session/session.h"
#include "frontend/watch/watch.h"
#include "notice/notice.h"

enum {
	WATCH_WORKERS = 16,		/* Sync calls under way at once, per loop            */
	WATCH_BATCH = 500,		/* folders in one Watch call                         */
	WATCH_LEASE_S = 180,		/* three renewals may be lost                        */
	WATCH_RENEW_MS = 60 * 1000,
	WATCH_POLL_MS = 10 * 1000,	/* while the channel is down, or Syncs have failed   */
	WATCH_FRESH_MS = 300,		/* until a new subscription is surely in force       */
};

/* An account whose channel we listen to; kept for a while after its last folder has gone. */
struct watched_account {
	char *name;
	unsigned folders;
	bool unused;			/* was without folders when last looked at           */
};

/* A folder that sessions of this loop have selected. */
struct watched_folder {
	struct watched_folder *prev, *next;	/* all of the loop                           */
	struct watched_folder *queued;		/* next in the queue of those to be synced   */
	struct watched_account *account;
	struct session_watch *sessions;
	char *key;			/* account, LF, mailbox id                           */
	ProtobufCService *store;
	struct buf token;
	uint64_t newest;		/* the highest MODSEQ we have heard of               */
	unsigned refs;			/* calls that will come back to it                   */
	unsigned round;			/* of polling in which it was asked for              */
	bool in_queue, busy;		/* waits for a worker; has one                       */
	bool fresh;			/* since before the subscription was in force        */
	bool lost;			/* the store does not know the token                 */
	bool failed;			/* Sync could not be had: try again later            */
};

struct session_watch {
	struct session_watch *prev, *next;	/* of the same folder                        */
	struct session *session;
	struct watched_folder *folder;
	bool idle;
	bool dirty;			/* may be behind, whatever the numbers say           */
};

struct watch {
	struct loop *loop;
	struct task_env env;		/* for calls on behalf of whoever is concerned       */
	struct notice_subscriber *notices;	/* NULL: polling only                        */
	bool hears;			/* the channel is up                                 */
	struct map by_key;
	struct watched_folder *folders;
	struct map accounts;
	struct watched_folder *queue, **queue_end;
	unsigned workers;		/* running                                           */
	struct task *worker[WATCH_WORKERS];
	struct task *poll;		/* NULL: none running                                */
	bool poll_all, poll_fresh;	/* wanted                                            */
	unsigned round;
	struct event *timer, *fresh_timer;
	bool retry;			/* some folder has failed                            */
};

/* Is the session known to lack something? */
static inline bool
session_watch_behind(const struct session_watch *sw)
{
	return sw->dirty || sw->session->selected->view.modseq < sw->folder->newest;
}

/* watch.c: free the folder if nobody needs it. */
void watch_drop(struct watch *w, struct watched_folder *folder);
/* watch.c: stop listening to accounts that nobody needs. */
void watch_sweep_accounts(struct watch *w);
/* watch.c: all sessions of a folder may be behind. */
void watch_suspect(struct watch *w, struct watched_folder *folder);

/* watch_sync.c: have the folder's sessions in IDLE told, soon. */
void watch_queue(struct watch *w, struct watched_folder *folder);

/* watch_poll.c */
void watch_poll_start(struct watch *w);
void watch_poll_stop(struct watch *w);
void watch_poll_all(struct watch *w);
void watch_poll_fresh(struct watch *w);
void watch_timer_update(struct watch *w);

#endif
