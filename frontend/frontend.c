#include "frontend/frontend.h"

#include <signal.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "frontend/admission/limits.h"
#include "frontend/admission/overload.h"
#include "frontend/frontend_loop.h"
#include "frontend/net/networks.h"
#include "frontend/net/tls_store.h"
#include "frontend/net/tls_subject.h"
#include "frontend/task/task_calls.h"

enum { OWN_DESCRIPTORS = 256 };	/* for loops, services, logs: not for clients */

struct frontend {
	const struct frontend_config *config;
	struct frontend_services services;
	const char *instance;
	struct tls_store *tls;		/* NULL: none */
	struct limits *limits;
	struct overload *overload;
	struct access_file *access;
	struct networks *proxies;
	struct frontend_loop *loops;
	size_t loop_count;
	bool started;
};

/* --- life ---------------------------------------------------------------------------- */

/* As many clients as there may be file descriptors, which we raise as far as we are allowed to. */
static size_t
most_connections(const struct frontend_config *config)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return (size_t)config->max_connections;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		log_warn("the limit of open files could not be raised");
	size_t most = files.rlim_cur > 2 * OWN_DESCRIPTORS ? files.rlim_cur - OWN_DESCRIPTORS : files.rlim_cur / 2;
	if (config->max_connections && (size_t)config->max_connections < most)
		most = (size_t)config->max_connections;
	return most;
}

static size_t
how_many_loops(const struct frontend_config *config)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (config->loops > 0)
		return (size_t)config->loops;
	return cores > 0 ? (size_t)cores : 1;
}

struct frontend *
frontend_new(const struct frontend_config *config, const struct frontend_services *services,
    const char *instance)
{
	struct frontend *f = MEM_NEW(struct frontend);
	signal(SIGPIPE, SIG_IGN);	/* OpenSSL writes to sockets whose other end has gone */
	f->config = config;
	f->services = *services;
	f->instance = instance;
	f->limits = limits_new(most_connections(config));
	f->overload = overload_new(&(struct overload_limits){
	    config->max_calls, config->max_memory, config->max_handshakes });
	if (!status_ok(access_file_new(config->access_file, &f->access)))
		exit(EX_CONFIG);
	if (!status_ok(networks_new("PROXY_NETWORKS", config->proxy_networks, &f->proxies)))
		exit(EX_CONFIG);
	if (tls_setting_given(config->tls.external) && !tls_subject_field_known(config->tls.external)) {
		log_error("TLS_EXTERNAL=%s is not a field of a certificate's subject", config->tls.external);
		exit(EX_CONFIG);
	}
	if (tls_setting_given(config->tls.certfile) && !status_ok(tls_store_new(&config->tls, &f->tls)))
		exit(EX_CONFIG);	/* tls_store has said why */
	f->loop_count = how_many_loops(config);
	f->loops = mem_zalloc(f->loop_count * sizeof(*f->loops));
	for (size_t i = 0; i < f->loop_count; i++)
		frontend_loop_init(&f->loops[i], f, (int)i);
	return f;
}

void
frontend_free(struct frontend **fp)
{
	struct frontend *f = *fp;
	if (!f)
		return;
	*fp = NULL;
	for (size_t i = 0; i < f->loop_count; i++)
		frontend_loop_release(&f->loops[i]);
	tls_store_free(&f->tls);
	limits_free(&f->limits);
	overload_free(&f->overload);
	access_file_free(&f->access);
	networks_free(&f->proxies);
	free(f->loops);
	free(f);
}

struct status
frontend_listen(struct frontend *f, const char *addresses, const struct session_protocol *protocol, bool tls)
{
	struct status status = STATUS_FINE;
	if (!addresses || !*addresses)
		return status;
	if (tls && !f->tls) {
		log_error("TLS_CERTFILE is needed to listen on %s", addresses);
		return status_make(STATUS_INVALID, "No certificate");
	}
	for (size_t i = 0; i < f->loop_count && status_ok(status); i++)
		status = frontend_loop_listen(&f->loops[i], addresses, protocol, tls,
		    i == 0 && !f->config->listen_shared ? LISTENER_ALONE : LISTENER_SHARED);
	return status;
}

void
frontend_start(struct frontend *f)
{
	for (size_t i = 0; i < f->loop_count; i++)
		frontend_loop_start(&f->loops[i]);
	f->started = true;
}

void
frontend_stop(struct frontend *f)
{
	if (!f->started)
		return;
	for (size_t i = 0; i < f->loop_count; i++)
		frontend_loop_stop(&f->loops[i]);
	f->started = false;
}

/* --- from other threads ------------------------------------------------------------------ */

void
frontend_drain(struct frontend *f, int64_t ms)
{
	log_info("draining %zu clients within %lld ms", frontend_clients(f), (long long)ms);
	for (size_t i = 0; i < f->loop_count; i++)
		frontend_loop_drain(&f->loops[i], clock_mono_ms() + ms);
}

size_t
frontend_clients(struct frontend *f)
{
	return limits_count(f->limits);
}

void
frontend_reload(struct frontend *f, bool only_if_changed)
{
	access_file_reload(f->access, only_if_changed);
	if (!f->tls)
		return;
	if (only_if_changed)
		tls_store_refresh(f->tls);
	else
		tls_store_reload(f->tls);
}

void
frontend_store_back(struct frontend *f)
{
	for (size_t i = 0; i < f->loop_count; i++)
		frontend_loop_store_back(&f->loops[i]);
}

/* --- what sessions ask ------------------------------------------------------------------------ */

const struct frontend_config *
frontend_config(const struct frontend *f)
{
	return f->config;
}

const char *
frontend_instance(const struct frontend *f)
{
	return f->instance;
}

ProtobufCService *
frontend_auth(struct frontend *f)
{
	return f->services.auth;
}

ProtobufCService *
frontend_store(struct frontend *f, struct span name)
{
	return f->services.store(f->services.arg, name);
}

struct tls_store *
frontend_tls(struct frontend *f)
{
	return f->tls;
}

bool
frontend_is_proxy(const struct frontend *f, const struct peer *hop)
{
	return networks_have(f->proxies, &hop->remote);
}

struct access_rule
frontend_access(struct frontend *f, const struct peer *peer)
{
	return access_file_find(f->access, &peer->remote);
}

struct overload *
frontend_overload(struct frontend *f)
{
	return f->overload;
}

const char *
frontend_busy(struct frontend *f)
{
	return overload_reason(f->overload, task_calls_of_all());
}

struct limits *
frontend_limits(struct frontend *f)
{
	return f->limits;
}

size_t
frontend_loop_count(const struct frontend *f)
{
	return f->loop_count;
}

struct frontend_loop *
frontend_loop(struct frontend *f, size_t number)
{
	return &f->loops[number];
}
