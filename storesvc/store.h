/*
 * store - one storesvc process: what its parts share
 *
 *	struct store *store = store_new(&cfg);
 *	service_serve(svc, store_service(store));
 *	...
 *	store_free(&store);		(closes all mailboxes cleanly)
 */
#ifndef STORESVC_STORE_H
#define STORESVC_STORE_H

#include "proto/store.pb-c.h"
#include "rpc/rpc_server.h"
#include "service/options.h"

struct account_table;
struct fence;
struct keeper;
struct notice_publisher;
struct open_boxes;
struct request_memory;
struct ticket_verifier;
struct watch;

struct store_config {
	char *store_name;
	char *maildir_root;
	bool maildir_root_init;
	char *system_homes;
	char *ticket_public_keys;
	char *redis_url;
	int fsync;			/* enum fsync_policy */
	int64_t mailbox_memory;
	int64_t poll_ms;
	bool subscribe_missing;		/* SUBSCRIBE of what is not there */
};

struct store {
	struct store_config config;
	struct fence *fence;		/* this process owns the tree */
	bool works_as_others;		/* may take system accounts' ids */
	struct ticket_verifier *tickets;
	struct notice_publisher *notices;	/* NULL: no Redis configured */
	struct watch *watch;
	struct account_table *accounts;
	struct open_boxes *boxes;
	struct request_memory *requests;
	struct keeper *keeper;
};

extern const struct option_def store_options[];

/* Exits with a message when the keys cannot be read or another process owns the tree. `config` outlives it. */
struct store *store_new(const struct store_config *config);
void store_free(struct store **store);
/* The same without saving anything: what a kill does. For tests. */
void store_abandon(struct store **store);

/* The implementation of posthouse.Store. */
ProtobufCService *store_service(struct store *store);
/* The store a method was called on. */
struct store *store_of_service(Posthouse__Store_Service *service);
/* store_methods.c: who may call its methods, how large requests may be, and the ticket they need. */
extern const struct rpc_rule store_rules[];
struct rpc_guard store_guard(struct store *store);
/* store_methods.c: fills in the vtable. */
void store_methods_init(Posthouse__Store_Service *service);

#endif
