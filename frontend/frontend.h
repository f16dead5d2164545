/*
 * frontend - talks IMAP (and POP3); holds no mail and no passwords
 *
 * What all sessions of the process share: settings, clients of the other services, certificates, the loops.
 * Settled at the start, except for what its functions lock.
 */
#ifndef FRONTEND_FRONTEND_H
#define FRONTEND_FRONTEND_H

#include "frontend/admission/access_file.h"
#include "frontend/net/loop.h"
#include "frontend/net/peer.h"
#include "frontend/net/tls_settings.h"
#include "rpc/rpc_client.h"
#include "service/options.h"

struct frontend_config {
	char *imap_listen, *imaps_listen;	/* "0.0.0.0:143,[::]:143" */
	char *pop3_listen, *pop3s_listen;
	char *auth;				/* URLs */
	char *stores;				/* "store1=ipc:///x,store2=tcp://y:1" */
	char *redis_url;
	struct tls_settings tls;
	char *proxy_networks;
	char *imap_namespace_prefix;		/* "" or "INBOX." */
	char *imap_separator;			/* "/" or "." */
	bool allow_plaintext;
	int64_t loops;
	int64_t idle_keepalive, login_timeout, idle_timeout, store_wait;	/* ms */
	int64_t proxy_timeout, handshake_timeout;				/* ms */
	bool listen_shared;
	int64_t max_calls, max_memory, max_handshakes;
	int64_t max_line, max_message;						/* bytes */
	int64_t max_per_ip, max_per_user, max_connections;
	char *access_file;
	int64_t pop3_login_delay;		/* ms */
	int64_t max_bad_commands;
};

extern const struct option_def frontend_options[];

struct crowd;
struct limits;
struct overload;
struct offers;
struct session;
struct session_protocol;
struct tls_store;
struct watch;
struct frontend;

/* The services a frontend talks to: RPC clients, or fakes. */
struct frontend_services {
	ProtobufCService *auth;
	/* NULL: no store of that name. */
	ProtobufCService *(*store)(void *arg, struct span name);
	void *arg;
};

/* One per loop; its thread's only. */
struct frontend_loop {
	struct frontend *frontend;
	struct loop *loop;
	struct watch *watch;
	struct offers *offers;			/* how one may log in */
	struct crowd *crowd;			/* NULL: limits hold for this frontend alone */
	struct session *sessions;		/* doubly linked list, newest first */
	size_t session_count;
	uint64_t last_number;			/* given to a session */
	struct frontend_port *ports;
	struct event *drain_timer;		/* NULL: not draining */
	int64_t drain_end;
	struct rpc_executor executor;
};

/* `config` and `instance` are borrowed. Panics or exits when something of it cannot be had. */
struct frontend *frontend_new(const struct frontend_config *config, const struct frontend_services *services,
    const char *instance);
/* After all loops have stopped, or before they run. */
void frontend_free(struct frontend **f);

/* Speak `protocol` on `addresses` (NULL or empty: nowhere). Before frontend_start. */
MUST_USE struct status frontend_listen(struct frontend *f, const char *addresses,
    const struct session_protocol *protocol, bool tls);
/* Each loop on its own thread, until frontend_stop. */
void frontend_start(struct frontend *f);
/* Closes what is open, at once, and waits for the threads. */
void frontend_stop(struct frontend *f);

/* From any thread: accept no more; BYE to everybody within `ms`, commands at hand are answered first. */
void frontend_drain(struct frontend *f, int64_t ms);
/* How many clients are connected. From any thread. */
size_t frontend_clients(struct frontend *f);
/* Certificates and the access file again; from one thread. `only_if_changed`: look at the files first. */
void frontend_reload(struct frontend *f, bool only_if_changed);
/* From any thread: a store can be reached (again). */
void frontend_store_back(struct frontend *f);

size_t frontend_loop_count(const struct frontend *f);
struct frontend_loop *frontend_loop(struct frontend *f, size_t number);
const struct frontend_config *frontend_config(const struct frontend *f);
const char *frontend_instance(const struct frontend *f);
ProtobufCService *frontend_auth(struct frontend *f);
/* NULL: no store of that name in STORES. */
ProtobufCService *frontend_store(struct frontend *f, struct span name);
/* NULL: no certificates. */
struct tls_store *frontend_tls(struct frontend *f);

/* Must a connection from there begin with a PROXY header? */
bool frontend_is_proxy(const struct frontend *f, const struct peer *hop);
/* What the access file says of a client. From any loop. */
struct access_rule frontend_access(struct frontend *f, const struct peer *peer);
struct limits *frontend_limits(struct frontend *f);
struct overload *frontend_overload(struct frontend *f);
/* NULL, or why nobody else should come just now. From any loop. */
const char *frontend_busy(struct frontend *f);

#endif
