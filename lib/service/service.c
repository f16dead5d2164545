/*
 * service.c - what the four programs have in common
 *
 *	starting -> serving -> draining (SIGTERM, SIGINT) -> stopped
 *
 * While draining, Health says so and new calls are refused; a second signal ends
 * the draining at once.
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
#include "service/version.h"

#define INSTANCE_BYTES 8
#define READY_EVERY_MS 500

struct common_config {
	char *listen;
	int log_level;
	int64_t workers;
	int64_t drain_ms;
	char *tls_cert, *tls_key, *tls_ca;
};

struct service {
	const char *name;
	struct arena arena;		/* of all settings */
	struct common_config config;
	struct rpc_tls tls;
	char instance[2 * INSTANCE_BYTES + 1];
	struct event_base *loop;
	struct event *signals[3];
	struct event *ready_timer, *drain_timer;
	struct rpc_server *server;
	const char *(*missing)(void *arg);
	void *missing_arg;
	void (*reload)(void *arg);
	void *reload_arg;
	void (*drain)(void *arg, int64_t ms);
	void *drain_arg;
	int64_t drain_end;		/* 0: not draining */
};

/* The common table differs only in the default of LISTEN. */
static struct option_def *
common_options(struct arena *a, const char *name)
{
	const struct option_def defs[] = {
		OPTION_STRING(struct common_config, listen, "LISTEN",
		    arena_printf(a, "ipc:///run/posthouse/%s", name),
		    "Where other services reach this one: URLs, separated by commas, of the forms\n"
		    "ipc:///path, tcp://address:port and tls+tcp://address:port."),
		OPTION_ENUM(struct common_config, log_level, "LOG_LEVEL", "info", "error|warn|info|debug",
		    "How much is logged, on standard error."),
		OPTION_INT(struct common_config, workers, "WORKERS", "0", 0, 1024,
		    "Threads that answer calls. 0: twice the cores, at least 8."),
		OPTION_TIME(struct common_config, drain_ms, "DRAIN_SECONDS", "20s", 0, 3600000,
		    "After SIGTERM, how long what is running may take to finish."),
		OPTION_STRING(struct common_config, tls_cert, "RPC_TLS_CERT", NULL,
		    "Own certificate and chain for tls+tcp://, PEM."),
		OPTION_STRING(struct common_config, tls_key, "RPC_TLS_KEY", NULL,
		    "Its private key, PEM."),
		OPTION_STRING(struct common_config, tls_ca, "RPC_TLS_CA", NULL,
		    "Certificates of the authorities that the other side's certificate must come from."),
		OPTION_END
	};
	struct option_def *copy = ARENA_ARRAY(a, sizeof(defs) / sizeof(defs[0]), struct option_def);

	memcpy(copy, defs, sizeof(defs));
	return copy;
}

/* Exits for everything but running. */
static void
load_settings(struct service *svc, int argc, char **argv, const struct option_def *own, void *config)
{
	struct option_set sets[] = { { common_options(&svc->arena, svc->name), &svc->config }, { own, config } };
	struct options_input input = {
		arena_printf(&svc->arena, "/etc/posthouse/%s.conf", svc->name), argc, argv, environ
	};
	enum options_action action = OPTIONS_RUN;
	const char *program = arena_printf(&svc->arena, "posthouse-%s", svc->name);
	struct status st = options_load(&svc->arena, sets, own ? 2 : 1, &input, &action);

	if (!status_ok(st)) {
		fprintf(stderr, "%s: %s\n", program, st.text);
		exit(EX_USAGE);
	}
	switch (action) {
	case OPTIONS_RUN:
		return;
	case OPTIONS_HELP:
		options_print_help(stdout, program, sets, own ? 2 : 1);
		break;
	case OPTIONS_VERSION:
		printf("%s %s\n", program, POSTHOUSE_VERSION);
		break;
	case OPTIONS_PRINT_CONF:
		options_print_conf(stdout, sets, own ? 2 : 1);
		break;
	case OPTIONS_PRINT_MAN:
		options_print_man(stdout, sets, own ? 2 : 1);
		break;
	}
	exit(EX_OK);
}

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
tell_health(struct service *svc)
{
	const char *missing = svc->drain_end ? "draining" : svc->missing ? svc->missing(svc->missing_arg) : NULL;

	if (svc->server)
		rpc_server_set_missing(svc->server, &missing, missing ? 1 : 0);
}

static void
ready_check(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell_health(arg);
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
	tell_health(svc);
	if (!svc->drain) {
		event_base_loopbreak(svc->loop);
		return;
	}
	evtimer_add(svc->drain_timer, &limit);
	svc->drain(svc->drain_arg, ms);
}

static void
begin_reload(evutil_socket_t number, short what, void *arg)
{
	struct service *svc = arg;

	(void)number;
	(void)what;
	log_info("reloading");
	if (svc->reload)
		svc->reload(svc->reload_arg);
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
	for (int i = 0; i < 3; i++)
		assert_that(svc->signals[i] && event_add(svc->signals[i], NULL) == 0);
	svc->drain_timer = evtimer_new(svc->loop, drain_over, svc);
	svc->ready_timer = event_new(svc->loop, -1, EV_PERSIST, ready_check, svc);
	assert_that(svc->drain_timer && svc->ready_timer && event_add(svc->ready_timer, &every) == 0);
}

struct service *
service_start(const char *name, int argc, char **argv, const struct option_def *options, void *config)
{
	struct service *svc = MEM_NEW(struct service);
	unsigned char random[INSTANCE_BYTES];

	svc->name = name;
	arena_init(&svc->arena, 0);
	load_settings(svc, argc, argv, options, config);
	log_init(name, (enum log_level)svc->config.log_level);
	svc->tls = (struct rpc_tls){ svc->config.tls_cert, svc->config.tls_key, svc->config.tls_ca, NULL };
	assert_that(getrandom(random, sizeof(random), 0) == sizeof(random));
	hex_encode(span_of(random, sizeof(random)), svc->instance);
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
service_serve(struct service *svc, ProtobufCService *implementation)
{
	struct rpc_server_options options = { .tls = svc->tls, .workers = (int)svc->config.workers };
	struct status st = rpc_server_new(&options, &svc->server);

	if (status_ok(st)) {
		rpc_server_identify(svc->server, svc->name, POSTHOUSE_VERSION, svc->instance);
		if (implementation)
			rpc_server_add(svc->server, implementation);
		tell_health(svc);
		st = rpc_server_listen(svc->server, svc->config.listen);
	}
	if (!status_ok(st)) {
		log_error("cannot serve on LISTEN=%s: %s", svc->config.listen, st.text);
		exit(EX_UNAVAILABLE);
	}
}

void
service_ready_when(struct service *svc, const char *(*missing)(void *arg), void *arg)
{
	svc->missing = missing;
	svc->missing_arg = arg;
	tell_health(svc);
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
	event_base_loopbreak(svc->loop);
}

void
service_run(struct service *svc)
{
	tell_health(svc);
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
	for (int i = 0; i < 3; i++)
		event_free(svc->signals[i]);
	event_free(svc->drain_timer);
	event_free(svc->ready_timer);
	event_base_free(svc->loop);
	arena_release(&svc->arena);
	free(svc);
	*psvc = NULL;
	return EX_OK;
}
