/*
 * service.c - what the four programs have in common
 *
 *	starting -> serving -> draining (SIGTERM, SIGINT) -> refusing -> stopped
 *
 * While draining, Health and HTTP go on answering and say so. It begins with what the service itself has to bring to
 * an end, if anything; then new calls are refused until those that run are done. A second signal ends it at once.
 */
#include "service/service.h"

#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include <event2/thread.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "metrics/metrics.h"
#include "service/service_admin.h"
#include "service/service_http.h"
#include "service/service_notify.h"
#include "service/service_settings.h"
#include "service/service_standing.h"
#include "service/version.h"

#define INSTANCE_BYTES 8
#define READY_EVERY_MS 500
#define LARGEST_ORDER (64u << 10)	/* bytes of an operator's request */
#define QUIET_EVERY_MS 20	/* how soon the end of the last call is noticed */

enum { SIGNALS = 5 };

/* Always 1: a thing to join by. */
static struct metric build = {
	.name = "posthouse_build_info", .kind = METRIC_GAUGE,
	.help = "1, with the service's name and its version.", .labels = { "service", "version" },
};
METRIC_REGISTER(build);

static struct metric started = {
	.name = "process_start_time_seconds", .kind = METRIC_GAUGE, .unit = "seconds",
	.help = "When the process started, in seconds since 1970.",
};
METRIC_REGISTER(started);

struct service {
	const char *name;
	struct service_settings settings;
	struct arena arena;		/* of all settings */
	struct common_config config;
	struct rpc_tls tls;
	struct rpc_users *users;
	char instance[2 * INSTANCE_BYTES + 1];
	struct event_base *loop;
	struct event *signals[SIGNALS];
	struct event *ready_timer, *drain_timer, *quiet_timer;
	struct rpc_server *server;
	struct service_http *http;
	struct service_admin *admin;
	ProtobufCService *for_operators;	/* NULL: Admin is all they can ask for */
	struct standing standing;
	void (*reload)(void *arg);
	void *reload_arg;
	void (*drain)(void *arg, int64_t ms);
	void *drain_arg;
	int64_t drain_end;		/* 0: not draining */
	bool refusing;			/* calls, because nothing is left but to finish them */
	bool watched;			/* by systemd's watchdog */
};

/* Connections are descriptors: as many as we are allowed. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warn("cannot raise the limit of descriptors");
}

static void
ready_check(evutil_socket_t fd, short what, void *arg)
{
	struct service *svc = arg;

	(void)fd;
	(void)what;
	standing_tell(&svc->standing, svc->server);
	if (svc->watched)
		service_notify("WATCHDOG=1");
}

static void
drain_over(evutil_socket_t fd, short what, void *arg)
{
	struct service *svc = arg;

	(void)fd;
	(void)what;
	log_warn("draining took longer than DRAIN_SECONDS");
	event_base_loopbreak(svc->loop);
}

static void
quiet_check(evutil_socket_t fd, short what, void *arg)
{
	struct service *svc = arg;

	(void)fd;
	(void)what;
	if (!svc->server || rpc_server_quiet(svc->server))
		event_base_loopbreak(svc->loop);
}

static void
begin_drain(evutil_socket_t number, short what, void *arg)
{
	struct service *svc = arg;
	int64_t ms = svc->config.drain_ms;
	struct timeval limit = { ms / 1000, ms % 1000 * 1000 };

	(void)what;
	log_info("signal %d: %s", (int)number, svc->drain_end ? "stopping at once" : "draining");
	if (svc->drain_end) {
		svc->drain_end = clock_mono_ms();
		event_base_loopbreak(svc->loop);
		return;
	}
	svc->drain_end = clock_mono_ms() + ms;
	svc->standing.draining = true;
	service_notify("STOPPING=1");
	standing_tell(&svc->standing, svc->server);
	evtimer_add(svc->drain_timer, &limit);
	if (svc->drain)
		svc->drain(svc->drain_arg, ms);
	else
		service_drained(svc);
}

static void
begin_reload(evutil_socket_t number, short what, void *arg)
{
	struct service *svc = arg;

	(void)number;
	(void)what;
	log_info("reloading");
	service_notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_ms() * 1000);
	service_settings_reload(&svc->settings);
	if (svc->reload)
		svc->reload(svc->reload_arg);
	service_notify("READY=1");
}

static void
change_log_level(evutil_socket_t number, short what, void *arg)
{
	int level = (int)log_get_level() + (number == SIGUSR1 ? 1 : -1);

	(void)what;
	(void)arg;
	if (level < LOG_LEVEL_ERROR || level > LOG_LEVEL_DEBUG)
		return;
	log_set_level((enum log_level)level);
	log_warn("signal %d: log level is %s now", (int)number, log_level_name((enum log_level)level));
}

static void
set_up_loop(struct service *svc)
{
	struct timeval every = { 0, READY_EVERY_MS * 1000L };

	assert_that(evthread_use_pthreads() == 0);
	svc->loop = event_base_new();
	assert_that(svc->loop);
	svc->signals[0] = evsignal_new(svc->loop, SIGTERM, begin_drain, svc);
	svc->signals[1] = evsignal_new(svc->loop, SIGINT, begin_drain, svc);
	svc->signals[2] = evsignal_new(svc->loop, SIGHUP, begin_reload, svc);
	svc->signals[3] = evsignal_new(svc->loop, SIGUSR1, change_log_level, svc);
	svc->signals[4] = evsignal_new(svc->loop, SIGUSR2, change_log_level, svc);
	for (int i = 0; i < SIGNALS; i++)
		assert_that(svc->signals[i] && event_add(svc->signals[i], NULL) == 0);
	svc->drain_timer = evtimer_new(svc->loop, drain_over, svc);
	svc->quiet_timer = event_new(svc->loop, -1, EV_PERSIST, quiet_check, svc);
	svc->ready_timer = event_new(svc->loop, -1, EV_PERSIST, ready_check, svc);
	assert_that(svc->drain_timer && svc->quiet_timer && svc->ready_timer &&
	    event_add(svc->ready_timer, &every) == 0);
}

struct service *
service_start(const char *name, int argc, char **argv, const struct option_def *options, void *config)
{
	struct service *svc = MEM_NEW(struct service);
	unsigned char random[INSTANCE_BYTES];

	svc->name = name;
	arena_init(&svc->arena, 0);
	svc->settings = (struct service_settings){ name, argc, argv, options };
	service_settings_load(&svc->settings, &svc->arena, &svc->config, config);
	log_init(name, (enum log_level)svc->config.log_level);
	log_set_format((enum log_format)svc->config.log_format);
	metric_add_at(&build, name, POSTHOUSE_VERSION, 1);
	metric_set(&started, clock_wall_s());
	svc->tls = (struct rpc_tls){ svc->config.tls_cert, svc->config.tls_key, svc->config.tls_ca, NULL };
	assert_that(getrandom(random, sizeof(random), 0) == sizeof(random));
	hex_encode(span_of(random, sizeof(random)), svc->instance);
	if (!status_ok(service_admin_new(name, &svc->config, svc->instance, &svc->admin))) {
		log_error("ADMIN_PUBLIC_KEYS cannot be read: %s", svc->config.admin_public_keys);
		exit(EX_CONFIG);
	}
	signal(SIGPIPE, SIG_IGN);
	raise_descriptor_limit();
	set_up_loop(svc);
	log_info("%s %s starting, instance %s, process %d", name, POSTHOUSE_VERSION, svc->instance,
	    (int)getpid());
	return svc;
}

struct event_base *
service_loop(struct service *svc)
{
	return svc->loop;
}

const struct rpc_tls *
service_rpc_tls(const struct service *svc)
{
	return &svc->tls;
}

const char *
service_instance(const struct service *svc)
{
	return svc->instance;
}

void
service_serve_operators(struct service *svc, ProtobufCService *implementation)
{
	svc->for_operators = implementation;
}

/* A warrant is proof enough, whoever brings it; but nobody without one can make us unpack much. */
static const struct rpc_rule *
rules_for_operators(struct service *svc, const ProtobufCService *service)
{
	const ProtobufCServiceDescriptor *d = service->descriptor;
	struct rpc_rule *rules = ARENA_ARRAY(&svc->arena, d->n_methods + 1, struct rpc_rule);

	for (unsigned i = 0; i < d->n_methods; i++)
		rules[i] = (struct rpc_rule){ .method = d->methods[i].name, .roles = RPC_ROLES_ALL, .anybody = true,
			.max_message = LARGEST_ORDER, .guarded = true };
	rules[d->n_methods] = (struct rpc_rule){ .method = NULL };
	return rules;
}

static void
add_services(struct service *svc, ProtobufCService *implementation, const struct rpc_rule *rules,
    const struct rpc_guard *guard)
{
	const struct rpc_guard warrants = service_admin_guard(svc->admin), none = { NULL, NULL };

	if (implementation)
		rpc_server_add_guarded(svc->server, implementation, rules, guard ? guard : &none);
	rpc_server_add_guarded(svc->server, service_admin_service(svc->admin),
	    rules_for_operators(svc, service_admin_service(svc->admin)), &warrants);
	if (svc->for_operators)
		rpc_server_add_guarded(svc->server, svc->for_operators, rules_for_operators(svc, svc->for_operators), &warrants);
}

/* Nobody proves anything on plain TCP, so that has to be meant. */
static void
check_listen(const struct common_config *config)
{
	struct span rest = span_str(config->listen);

	while (rest.at) {
		struct span url = span_trim(span_cut(&rest, ','));
		if (config->trust_tcp || !span_starts(url, SPAN_LIT("tcp://")))
			continue;
		log_error("LISTEN=%.*s: on tcp:// nobody proves who he is. Use tls+tcp:// with RPC_TLS_CERT, RPC_TLS_KEY and "
		    "RPC_TLS_CA, or say with RPC_TRUST_TCP=yes that everybody who reaches this port is a frontend",
		    (int)url.len, url.at);
		exit(EX_CONFIG);
	}
}

void
service_serve(struct service *svc, ProtobufCService *implementation, const struct rpc_rule *rules,
    const struct rpc_guard *guard)
{
	check_listen(&svc->config);
	if (!status_ok(rpc_users_new(svc->config.roles, &svc->users)))
		exit(EX_CONFIG);
	struct rpc_server_options options = {
		.tls = svc->tls, .trust = { svc->users, svc->config.trust_tcp, (unsigned)svc->config.connections }, .workers = (int)svc->config.workers,
	};
	struct status st = rpc_server_new(&options, &svc->server);

	if (status_ok(st)) {
		rpc_server_identify(svc->server, svc->name, POSTHOUSE_VERSION, svc->instance);
		add_services(svc, implementation, rules, guard);
		standing_tell(&svc->standing, svc->server);
		st = rpc_server_listen(svc->server, svc->config.listen);
	}
	svc->http = service_http_new(svc->loop, &svc->standing);
	if (!status_ok(service_http_listen(svc->http, svc->config.http_listen)))
		exit(EX_UNAVAILABLE);
	if (!status_ok(st)) {
		log_error("cannot serve on LISTEN=%s: %s", svc->config.listen, st.text);
		exit(EX_UNAVAILABLE);
	}
}

void
service_ready_when(struct service *svc, const char *(*missing)(void *arg), bool (*enough)(void *arg), void *arg)
{
	svc->standing.enough = enough;
	svc->standing.missing = missing;
	svc->standing.missing_arg = arg;
	standing_tell(&svc->standing, svc->server);
}

void
service_degraded_when(struct service *svc, const char *(*degraded)(void *arg), void *arg)
{
	svc->standing.degraded = degraded;
	svc->standing.degraded_arg = arg;
	standing_tell(&svc->standing, svc->server);
}

void
service_on_reload(struct service *svc, void (*reload)(void *arg), void *arg)
{
	svc->reload = reload;
	svc->reload_arg = arg;
}

void
service_on_drain(struct service *svc, void (*drain)(void *arg, int64_t ms), void *arg)
{
	svc->drain = drain;
	svc->drain_arg = arg;
}

void
service_drained(struct service *svc)
{
	struct timeval every = { 0, QUIET_EVERY_MS * 1000L };

	if (svc->refusing)
		return;
	svc->refusing = true;
	if (svc->server)
		rpc_server_refuse(svc->server);
	event_add(svc->quiet_timer, &every);
}

void
service_run(struct service *svc)
{
	svc->watched = service_notify_watched();
	service_notify("READY=1");
	standing_tell(&svc->standing, svc->server);
	event_base_loop(svc->loop, EVLOOP_NO_EXIT_ON_EMPTY);
	int64_t left = svc->drain_end - clock_mono_ms();
	if (svc->server)
		rpc_server_drain(svc->server, left > 0 ? (int)left : 0);
	log_info("stopped");
}

int
service_stop(struct service **psvc)
{
	struct service *svc = *psvc;

	rpc_server_free(&svc->server);
	rpc_users_free(&svc->users);
	service_admin_free(&svc->admin);
	service_http_free(&svc->http);
	for (int i = 0; i < SIGNALS; i++)
		event_free(svc->signals[i]);
	event_free(svc->drain_timer);
	event_free(svc->quiet_timer);
	event_free(svc->ready_timer);
	event_base_free(svc->loop);
	standing_release(&svc->standing);
	arena_release(&svc->arena);
	free(svc);
	*psvc = NULL;
	return EX_OK;
}
