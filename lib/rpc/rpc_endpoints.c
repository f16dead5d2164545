/*
 * rpc_endpoints.c - the addresses behind one service, and which gets a call
 *
 * Addresses given as numbers or paths are there from the start. Host names are
 * resolved by a thread of their own, again and again: new addresses are dialed, vanished
 * ones get no further calls, have until the next look to end those they have, and are closed then. Whoever stops a
 * service takes it out of its name first; one whose machine is dead must not be waited for much longer.
 */
#include "rpc/rpc_client_state.h"

#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_addresses.h"

#define RESOLVE_SECONDS 5
#define RESOLVE_SECONDS_ALONE 1		/* while nothing is connected */

struct endpoint *
endpoints_find_locked(struct rpc_client *client)
{
	struct endpoint *best = NULL, *e;

	TAILQ_FOREACH(e, &client->endpoints, entry)
		if (e->up && (!best || (e->listed && !best->listed) ||
		    (e->listed == best->listed && e->under_way < best->under_way)))
			best = e;
	/* Among equals the one not used for longest. */
	if (best && best != TAILQ_LAST(&client->endpoints, endpoint_list)) {
		TAILQ_REMOVE(&client->endpoints, best, entry);
		TAILQ_INSERT_TAIL(&client->endpoints, best, entry);
	}
	return best;
}

struct endpoint *
endpoints_find_connection_locked(struct rpc_client *client, uint64_t connection)
{
	struct endpoint *e;

	TAILQ_FOREACH(e, &client->endpoints, entry)
		if (e->up && e->connection == connection)
			return e;
	return NULL;
}

static void
endpoint_up(void *owner)
{
	struct endpoint *e = owner;
	struct rpc_client *client = e->client;

	pthread_mutex_lock(&client->lock);
	if (!e->up)
		client->up++;
	e->up = true;
	e->connection = ++client->last_connection;
	client_send_waiting_locked(client);
	void (*notify)(void *) = client->notify;
	void *arg = client->notify_arg;
	pthread_mutex_unlock(&client->lock);
	log_debug("connected to %s", e->url);
	if (notify)
		notify(arg);
}

static void
endpoint_down(void *owner)
{
	struct endpoint *e = owner;

	pthread_mutex_lock(&e->client->lock);
	if (e->up && --e->client->up == 0)
		pthread_cond_signal(&e->client->resolve);	/* it may be back elsewhere */
	e->up = false;
	client_endpoint_lost_locked(e);
	pthread_mutex_unlock(&e->client->lock);
	log_debug("lost %s", e->url);
}

static void
endpoint_free(struct endpoint *e)
{
	rpc_link_free(&e->link);
	assert_that(!e->up && TAILQ_EMPTY(&e->sent));
	free(e->url);
	free(e);
}

static struct status
endpoint_add_locked(struct rpc_client *client, const struct rpc_address *address)
{
	static const struct rpc_link_events events = {
		endpoint_up, endpoint_down, client_exchange_done
	};
	struct endpoint *e = MEM_NEW(struct endpoint);
	struct rpc_tls tls = client->tls;

	if (!tls.server_name)
		tls.server_name = address->host;
	e->client = client;
	e->url = mem_strdup(address->url);
	e->listed = true;
	TAILQ_INIT(&e->sent);
	TAILQ_INSERT_TAIL(&client->endpoints, e, entry);
	struct status st = rpc_link_new(address->url, &tls, RPC_FRAME_MAX, &events, e, &e->link);
	if (!status_ok(st)) {
		TAILQ_REMOVE(&client->endpoints, e, entry);
		endpoint_free(e);
	}
	return st;
}

static struct endpoint *
endpoint_find_locked(struct rpc_client *client, const char *url)
{
	struct endpoint *e;

	TAILQ_FOREACH(e, &client->endpoints, entry)
		if (strcmp(e->url, url) == 0)
			return e;
	return NULL;
}

static bool
endpoint_is_gone(struct endpoint *e)
{
	bool missed_before = e->missed;

	e->missed = !e->listed;
	return e->missed && (missed_before || !e->up);
}

/* Make the endpoints those of `list`; the vanished are moved to `gone`. */
static struct status
endpoints_become_locked(struct rpc_client *client, const struct rpc_addresses *list,
    struct endpoint_list *gone)
{
	struct endpoint *e, *next;

	TAILQ_FOREACH(e, &client->endpoints, entry)
		e->listed = e->listed && list->incomplete;	/* an unanswered question removes nothing */
	for (size_t i = 0; i < list->count; i++) {
		if ((e = endpoint_find_locked(client, list->items[i].url)) != NULL) {
			e->listed = true;
			continue;
		}
		struct status st = endpoint_add_locked(client, &list->items[i]);
		if (!status_ok(st))
			return st;
	}
	for (e = TAILQ_FIRST(&client->endpoints); e; e = next) {
		next = TAILQ_NEXT(e, entry);
		if (endpoint_is_gone(e)) {
			TAILQ_REMOVE(&client->endpoints, e, entry);
			TAILQ_INSERT_TAIL(gone, e, entry);
		}
	}
	return STATUS_FINE;
}

static void
free_all(struct endpoint_list *gone)
{
	for (struct endpoint *e; (e = TAILQ_FIRST(gone)) != NULL;) {
		TAILQ_REMOVE(gone, e, entry);
		endpoint_free(e);
	}
}

static struct status
refresh(struct rpc_client *client, bool resolve, bool *out_has_names)
{
	struct arena a;
	struct rpc_addresses list;
	struct endpoint_list gone = TAILQ_HEAD_INITIALIZER(gone);

	arena_init(&a, 0);
	struct status st = rpc_addresses_parse(&a, client->addresses, resolve, &list);
	if (status_ok(st)) {
		*out_has_names = list.has_names;
		pthread_mutex_lock(&client->lock);
		st = endpoints_become_locked(client, &list, &gone);
		pthread_mutex_unlock(&client->lock);
		free_all(&gone);
	}
	arena_release(&a);
	return st;
}

/* How long is decided anew when the last connection is lost meanwhile. */
static void
wait_before_next_look_locked(struct rpc_client *client)
{
	struct timespec last, until;
	int rv = 0;

	clock_gettime(CLOCK_MONOTONIC, &last);
	while (!client->stopping && rv == 0) {
		until = last;
		until.tv_sec += client->up ? RESOLVE_SECONDS : RESOLVE_SECONDS_ALONE;
		rv = pthread_cond_timedwait(&client->resolve, &client->lock, &until);
	}
}

static void *
resolver(void *arg)
{
	struct rpc_client *client = arg;
	bool has_names;

	for (;;) {
		struct status st = refresh(client, true, &has_names);
		if (!status_ok(st))
			log_error("service addresses %s: %s", client->addresses, st.text);
		pthread_mutex_lock(&client->lock);
		wait_before_next_look_locked(client);
		bool stop = client->stopping;
		pthread_mutex_unlock(&client->lock);
		if (stop)
			return NULL;
	}
}

struct status
endpoints_start(struct rpc_client *client)
{
	bool has_names = false;
	struct status st = refresh(client, false, &has_names);

	if (status_ok(st) && has_names)
		client->has_resolver = pthread_create(&client->resolver_thread, NULL, resolver, client) == 0;
	return st;
}

void
endpoints_stop(struct rpc_client *client)
{
	if (client->has_resolver)
		pthread_join(client->resolver_thread, NULL);
	free_all(&client->endpoints);
}
