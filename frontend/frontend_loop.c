#include "frontend/frontend_loop.h"

#include <event2/event.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "frontend/admission/crowd.h"
#include "frontend/admission/overload.h"
#include "frontend/net/listener.h"
#include "frontend/net/proxy_gate.h"
#include "frontend/net/tls_subject.h"
#include "frontend/sasl/offers.h"
#include "frontend/session/session.h"
#include "frontend/watch/watch.h"

enum { DRAIN_TICK_MS = 50, STOP_TICK_MS = 2, STOP_MS = 3000 };

/* A protocol on some addresses. */
struct frontend_port {
	struct frontend_port *next;
	struct frontend_loop *home;
	const struct session_protocol *protocol;
	struct listener *listener;
	struct proxy_gate *gate;
	bool tls;
};

static void
executor_post(void *where, void (*work)(void *arg), void *arg)
{
	loop_post(where, work, arg);
}

/* Are there limits that hold over all frontends? */
static bool
has_limits(const struct frontend_config *config)
{
	return config->max_per_ip || config->max_per_user || config->pop3_login_delay ||
	    (config->access_file && *config->access_file);
}

void
frontend_loop_init(struct frontend_loop *l, struct frontend *f, int number)
{
	const struct frontend_config *config = frontend_config(f);
	l->frontend = f;
	l->loop = loop_new(number);
	l->executor = (struct rpc_executor){ l->loop, executor_post };
	l->watch = watch_new(l->loop, config->redis_url, config->store_wait);
	l->offers = offers_new(l->loop, frontend_auth(f), config->store_wait);
	if (has_limits(config))
		l->crowd = crowd_new(l->loop, config->redis_url, frontend_instance(f));
}

static void
close_ports(struct frontend_loop *l)
{
	while (l->ports) {
		struct frontend_port *port = l->ports;
		l->ports = port->next;
		listener_free(&port->listener);
		proxy_gate_free(&port->gate);
		free(port);
	}
}

static void
close_sessions(struct frontend_loop *l)
{
	while (l->sessions) {
		struct session *s = l->sessions;
		session_free(&s);
	}
}

void
frontend_loop_release(struct frontend_loop *l)
{
	close_ports(l);
	close_sessions(l);
	if (l->drain_timer)
		event_free(l->drain_timer);
	offers_free(&l->offers);
	watch_free(&l->watch);
	crowd_free(&l->crowd);
	loop_free(&l->loop);
}

static void
port_serve(struct frontend_port *port, int take_fd, struct peer *take_peer)
{
	struct overload *overload = frontend_overload(port->home->frontend);
	if (port->tls && !overload_handshake_room(overload)) {
		peer_release(take_peer);
		close(take_fd);
		return;
	}
	session_new(port->home, port->protocol, take_fd, port->tls, take_peer);
}

/* What proxies tell of a certificate is its common name, which counts if that is where we look for accounts. */
static void
port_passed(void *arg, int take_fd, struct peer *take_peer)
{
	struct frontend_port *port = arg;
	const char *field = frontend_config(port->home->frontend)->tls.external;
	if (take_peer->tls && !(tls_setting_given(field) && tls_subject_field_is_common_name(field)))
		*take_peer->tls->certificate_name = '\0';
	port_serve(port, take_fd, take_peer);
}

static void
port_accepted(void *arg, int take_fd)
{
	struct frontend_port *port = arg;
	struct peer peer = peer_of_socket(take_fd);
	if (frontend_is_proxy(port->home->frontend, &peer))
		proxy_gate_take(port->gate, take_fd, &peer);
	else
		port_serve(port, take_fd, &peer);
}

struct status
frontend_loop_listen(struct frontend_loop *l, const char *addresses,
    const struct session_protocol *protocol, bool tls, enum listener_share share)
{
	struct frontend_port *port = MEM_NEW(struct frontend_port);
	port->home = l;
	port->protocol = protocol;
	port->tls = tls;
	port->gate = proxy_gate_new(l->loop, protocol->name, frontend_config(l->frontend)->proxy_timeout,
	    port_passed, port);
	port->next = l->ports;
	l->ports = port;
	return listener_new(l->loop, addresses, share, port_accepted, port, &port->listener);
}

/* --- start and stop -------------------------------------------------------------------- */

/* Answers of calls that this thread makes come back to this thread. */
static void
work_begin(void *arg)
{
	struct frontend_loop *l = arg;
	rpc_executor_set(&l->executor);
	offers_start(l->offers);
}

void
frontend_loop_start(struct frontend_loop *l)
{
	loop_post(l->loop, work_begin, l);
	loop_start(l->loop);
}

/* The answers of calls that have been cancelled are waited for, since their memory belongs to this loop. */
static void
stop_tick(evutil_socket_t fd, short what, void *arg)
{
	struct frontend_loop *l = arg;
	(void)fd, (void)what;
	if (task_calls_under_way() == 0 || clock_mono_ms() >= l->drain_end)
		loop_break(l->loop);
}

static void
work_stop(void *arg)
{
	struct frontend_loop *l = arg;
	close_ports(l);
	close_sessions(l);
	watch_free(&l->watch);
	offers_free(&l->offers);
	crowd_free(&l->crowd);
	if (l->drain_timer)
		event_free(l->drain_timer);
	l->drain_end = clock_mono_ms() + STOP_MS;
	l->drain_timer = event_new(loop_base(l->loop), -1, EV_PERSIST, stop_tick, l);
	event_add(l->drain_timer, &(struct timeval){ 0, STOP_TICK_MS * 1000 });
}

void
frontend_loop_stop(struct frontend_loop *l)
{
	loop_post(l->loop, work_stop, l);
	loop_join(l->loop);
}

static void
work_store_back(void *arg)
{
	struct frontend_loop *l = arg;
	if (l->watch)
		watch_store_back(l->watch);
}

void
frontend_loop_store_back(struct frontend_loop *l)
{
	loop_post(l->loop, work_store_back, l);
}

/* --- drain -------------------------------------------------------------------------------- */

/* So many at each tick that the last one goes with the last tick; sessions that wait for a command stay in the list. */
static void
drain_tick(evutil_socket_t fd, short what, void *arg)
{
	struct frontend_loop *l = arg;
	int64_t left = l->drain_end - clock_mono_ms();
	int64_t ticks = left > DRAIN_TICK_MS ? left / DRAIN_TICK_MS : 1;
	size_t now = l->session_count / (size_t)ticks + 1;
	(void)fd, (void)what;
	for (struct session *s = l->sessions, *next; s && now; s = next) {
		next = s->next;
		if (s->draining)
			continue;
		conn_unasked(s->conn);
		session_drain(s, "Server is shutting down, please reconnect");
		now--;
	}
}

static void
work_drain(void *arg)
{
	struct frontend_loop *l = arg;
	if (l->drain_timer)
		return;
	close_ports(l);
	l->drain_timer = event_new(loop_base(l->loop), -1, EV_PERSIST, drain_tick, l);
	event_add(l->drain_timer, &(struct timeval){ 0, DRAIN_TICK_MS * 1000 });
}

void
frontend_loop_drain(struct frontend_loop *l, int64_t end)
{
	l->drain_end = end;
	loop_post(l->loop, work_drain, l);
}
