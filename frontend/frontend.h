/*
 * frontend - talks IMAP (and POP3); holds no mail and no passwords
 *
 * What all sessions of the process share: settings, clients of the other services, certificates, the loops.
 * Settled at the start, except for what its functions lock.
 */
#ifndef FRONTEND_FRONTEND_H
#define FRONTEND_FRONTEND_H

#include "frontend/net/loop.h"
#include "frontend/net/peer.h"
#include "rpc/rpc_client.h"
#include "service/options.h"

struct frontend_config {
	char *imap_listen, *imaps_listen;	/* "0.0.0.0:143,[::]:143" */
	char *pop3_listen, *pop3s_listen;
	char *auth;				/* URLs */
	char *stores;				/* "store1=ipc:///x,store2=tcp://y:1" */
	char *redis_url;
	char *tls_certfile, *tls_private_keyfile;
	char *imap_namespace_prefix;		/* "" or "INBOX." */
	char *imap_separator;			/* "/" or "." */
	bool allow_plaintext;
	int64_t loops;
	int64_t idle_keepalive, login_timeout, idle_timeout, store_wait;	/* ms */
	int64_t max_line, max_message;						/* bytes */
	int64_t max_per_ip, max_connections;
	int64_t max_bad_commands;
};

extern const struct option_def frontend_options[];

struct session;
struct session_protocol;
struct tls_store;
struct watch;
struct frontend;

/* One per loop; its thread's only. */
struct frontend_loop {
	struct frontend *frontend;
	struct loop *loop;
	struct watch *watch;
	struct session *sessions;		/* doubly linked list */
	size_t session_count;
	bool draining;
};

const struct frontend_config *frontend_config(const struct frontend *f);
const char *frontend_instance(const struct frontend *f);
ProtobufCService *frontend_auth(struct frontend *f);
/* NULL: no store of that name in STORES. */
ProtobufCService *frontend_store(struct frontend *f, struct span name);
/* NULL: no certificates. */
struct tls_store *frontend_tls(struct frontend *f);

/* A client has connected: NULL, or why it is not welcome. From any loop. */
const char *frontend_admit(struct frontend *f, const struct peer *peer);
/* An admitted one has gone. */
void frontend_dismiss(struct frontend *f, const struct peer *peer);

#endif
