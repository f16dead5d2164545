/*
 * store.c - one storesvc process
 */
#include "storesvc/store.h"

#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "notice/notice.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/boxes.h"
#include "storesvc/account/ids.h"
#include "storesvc/fence/fence.h"
#include "storesvc/fence/store_marker.h"
#include "storesvc/keeper.h"
#include "storesvc/methods/request_memory.h"
#include "storesvc/watch/watch.h"
#include "ticket/ticket.h"

#define EXIT_SETTINGS 78
#define EXIT_LOCKED 75

/* The generated vtable comes first, so that a service is a store's. */
struct store_service {
	Posthouse__Store_Service methods;
	struct store *store;
};

struct whole_store {
	struct store store;
	struct store_service service;
};

struct store *
store_of_service(Posthouse__Store_Service *service)
{
	return ((struct store_service *)service)->store;
}

ProtobufCService *
store_service(struct store *store)
{
	return &((struct whole_store *)store)->service.methods.base;
}

/* Open mailboxes hold descriptors: as many as the operator's hard limit gives. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Files of system accounts are reached by their own ids alone, not by groups root happens to be in. */
static void
drop_groups(void)
{
	if (geteuid() == 0 && setgroups(0, NULL) < 0)
		log_warn("cannot leave supplementary groups: %m");
}

/* Without it system accounts are refused; virtual ones need none of it. */
static void
try_ids(struct store *store)
{
	store->works_as_others = ids_try();
	if (!store->works_as_others)
		log_info("this process cannot work as other users: accounts with a user id of their own are refused");
}

static void
own_tree(struct store *store)
{
	const char *root = store->config.maildir_root, *name = store->config.store_name;
	struct status st = store_marker_check(root, name, store->config.maildir_root_init);

	if (!status_ok(st))
		exit(st.code == STATUS_INVALID ? EXIT_SETTINGS : EXIT_LOCKED);
	if (!status_ok(fence_take(root, &store->fence)) || !status_ok(store_marker_write(root, name)))
		exit(EXIT_LOCKED);
}

static void
open_neighbours(struct store *store)
{
	if (!status_ok(ticket_verifier_open(store->config.ticket_public_keys, &store->tickets))) {
		log_error("TICKET_PUBLIC_KEYS cannot be read: %s", store->config.ticket_public_keys);
		exit(EXIT_SETTINGS);
	}
	if (store->config.redis_url && store->config.redis_url[0] &&
	    !status_ok(notice_publisher_new(store->config.redis_url, &store->notices))) {
		log_error("REDIS_URL is not one: %s", store->config.redis_url);
		exit(EXIT_SETTINGS);
	}
}

struct store *
store_new(const struct store_config *config)
{
	struct whole_store *whole = MEM_NEW(struct whole_store);
	struct store *store = &whole->store;

	umask(0077);
	raise_descriptors();
	drop_groups();
	store->config = *config;
	try_ids(store);
	open_neighbours(store);
	own_tree(store);
	store->watch = watch_new();
	store->accounts = account_table_new();
	store->boxes = boxes_new(store);
	store->requests = request_memory_new();
	store_methods_init(&whole->service.methods);
	whole->service.store = store;
	store->keeper = keeper_start(store);
	return store;
}

static void
end(struct store **where, bool save)
{
	struct store *store = *where;

	*where = NULL;
	if (!store)
		return;
	keeper_stop(&store->keeper);
	boxes_free(&store->boxes, save);
	request_memory_free(&store->requests);
	account_table_free(&store->accounts);
	watch_free(&store->watch);
	notice_publisher_free(&store->notices);
	ticket_verifier_free(&store->tickets);
	if (save)
		fence_leave(&store->fence);
	else
		fence_abandon(&store->fence);
	free(store);
}

void
store_free(struct store **store)
{
	end(store, true);
}

void
store_abandon(struct store **store)
{
	end(store, false);
}
