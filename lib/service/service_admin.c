/*
 * service_admin.c - what an operator may ask of any service
 */
#include "service/service_admin.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "proto/admin.pb-c.h"
#include "ticket/warrant.h"

struct service_admin {
	Posthouse__Admin_Service methods;	/* first: the methods find the struct through it */
	const struct common_config *config;
	int64_t started_s;
	struct warrant_gate *gate;
};

static struct status
check(void *arg, struct rpc_call *call, const char *service, const char *method, struct span message)
{
	struct service_admin *admin = arg;
	const struct warrant_order order = {
		.service = service, .method = method, .message = message,
	};
	const Posthouse__Warrant *warrant;
	struct status st = warrant_gate_check(admin->gate, &call->arena, call->ticket, &order, clock_wall_s(),
	    &warrant);

	if (status_ok(st))
		log_info("%s.%s ordered by %s", service, method, warrant->operator_);
	return st;
}

/* ---- State ---- */

static void
admin_state(Posthouse__Admin_Service *service, const Posthouse__StateRequest *in,
    Posthouse__StateReply_Closure closure, void *data)
{
	const struct service_admin *admin = (struct service_admin *)service;
	Posthouse__StateReply reply = POSTHOUSE__STATE_REPLY__INIT;
	char host[256] = "";

	(void)in;
	if (gethostname(host, sizeof(host) - 1) < 0)
		log_warn("the name of this host cannot be found out");
	reply.host = host;
	reply.pid = (uint32_t)getpid();
	reply.started_at = admin->started_s;
	reply.listen = admin->config->listen;
	reply.http_listen = admin->config->http_listen;
	reply.log_level = (char *)(uintptr_t)log_level_name(log_get_level());
	closure(&reply, data);
}

/* ---- Figures ---- */

static bool
is_wanted(const Posthouse__FiguresRequest *in, const char *name)
{
	for (size_t i = 0; i < in->n_names; i++)
		if (strcmp(in->names[i], name) == 0)
			return true;
	return in->n_names == 0;
}

static void
add_buckets(struct arena *a, const struct metric_cell *cell, Posthouse__Figure *figure)
{
	figure->n_buckets = METRIC_BUCKETS;
	figure->buckets = ARENA_ARRAY(a, METRIC_BUCKETS, uint64_t);
	for (size_t i = 0; i < METRIC_BUCKETS; i++)
		figure->buckets[i] = atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
}

static void
add_figure(struct arena *a, const struct metric *m, const struct metric_cell *cell,
    Posthouse__FiguresReply *reply)
{
	Posthouse__Figure *figure = ARENA_NEW(a, Posthouse__Figure);

	posthouse__figure__init(figure);
	figure->name = (char *)(uintptr_t)m->name;
	if (cell->values[0])
		figure->first = cell->values[0];
	if (cell->values[1])
		figure->second = cell->values[1];
	figure->value = atomic_load_explicit(&cell->value, memory_order_relaxed);
	if (m->kind == METRIC_DURATION)
		add_buckets(a, cell, figure);
	reply->figures[reply->n_figures++] = figure;
}

static void
admin_figures(Posthouse__Admin_Service *service, const Posthouse__FiguresRequest *in,
    Posthouse__FiguresReply_Closure closure, void *data)
{
	Posthouse__FiguresReply reply = POSTHOUSE__FIGURES_REPLY__INIT;
	struct rpc_call *call = data;
	int64_t ends[METRIC_BUCKETS - 1];
	size_t count;
	struct metric **all = metrics_all(&count);

	(void)service;
	reply.figures = ARENA_ARRAY(&call->arena, count * METRIC_SLOTS, Posthouse__Figure *);
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(in, all[i]->name))
			continue;
		for (size_t slot = 0; slot < METRIC_SLOTS; slot++) {
			const struct metric_cell *cell =
			    atomic_load_explicit(&all[i]->slots[slot], memory_order_acquire);
			if (cell)
				add_figure(&call->arena, all[i], cell, &reply);
		}
	}
	free(all);
	for (size_t i = 0; i < METRIC_BUCKETS - 1; i++)
		ends[i] = metric_bucket_end(i);
	reply.bucket_ends = ends;
	reply.n_bucket_ends = METRIC_BUCKETS - 1;
	closure(&reply, call);
}

/* ---- life ---- */

struct status
service_admin_new(const char *name, const struct common_config *config, const char *instance,
    struct service_admin **out)
{
	static const Posthouse__Admin_Service methods = POSTHOUSE__ADMIN__INIT(admin_);
	struct warrant_gate *gate;
	struct status st = warrant_gate_open(config->admin_public_keys, name, instance, &gate);

	if (!status_ok(st))
		return st;
	*out = MEM_NEW(struct service_admin);
	**out = (struct service_admin){ methods, config, clock_wall_s(), gate };
	return STATUS_FINE;
}

void
service_admin_free(struct service_admin **admin)
{
	if (!*admin)
		return;
	warrant_gate_free(&(*admin)->gate);
	free(*admin);
	*admin = NULL;
}

ProtobufCService *
service_admin_service(struct service_admin *admin)
{
	return &admin->methods.base;
}

struct rpc_guard
service_admin_guard(struct service_admin *admin)
{
	return (struct rpc_guard){ check, admin };
}
