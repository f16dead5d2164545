#include "frontend/admin/admin.h"

#include "frontend/admin/roster.h"
#include "frontend/admin/visit.h"
#include "rpc/rpc.h"

enum { PAGE_USUAL = 500, PAGE_MOST = 5000 };

static struct frontend *
frontend_of(Posthouse__FrontendAdmin_Service *service)
{
	return ((struct admin *)service)->frontend;
}

/* --- Sessions ------------------------------------------------------------------------ */

/* "2.17": what is below number 17 of loop 2, then the loops after it. */
static bool
parse_place(const char *after, size_t loops, uint64_t *out_loop, uint64_t *out_below)
{
	struct span rest = span_str(after);
	if (!rest.len) {
		*out_loop = 0;
		*out_below = UINT64_MAX;
		return true;
	}
	struct span loop = span_cut(&rest, '.');
	return span_number(loop, loops - 1, out_loop) && rest.at && span_number(rest, UINT64_MAX, out_below);
}

static void
work_read(struct frontend_loop *l, void *arg)
{
	roster_read(l, arg);
}

static struct status
read_sessions(struct frontend *f, struct rpc_call *call, const Posthouse__SessionsRequest *in,
    Posthouse__SessionsReply *reply)
{
	size_t loops = frontend_loop_count(f);
	uint64_t at, below;
	struct roster_page page = {
		.arena = &call->arena, .account = in->account, .most = in->most ? in->most : PAGE_USUAL,
	};
	if (!parse_place(in->after, loops, &at, &below))
		return status_make(STATUS_INVALID, "That is no place to go on at");
	if (page.most > PAGE_MOST)
		page.most = PAGE_MOST;
	page.below = below;
	page.sessions = ARENA_ARRAY(&call->arena, page.most, Posthouse__Session *);
	for (; at < loops; at++, page.below = UINT64_MAX) {
		visit_loop(frontend_loop(f, at), work_read, &page);
		if (page.more) {
			reply->next = arena_printf(&call->arena, "%llu.%llu", (unsigned long long)at,
			    (unsigned long long)page.below);
			break;
		}
	}
	reply->sessions = page.sessions;
	reply->n_sessions = page.count;
	return STATUS_FINE;
}

static void
admin_sessions(Posthouse__FrontendAdmin_Service *service, const Posthouse__SessionsRequest *in,
    Posthouse__SessionsReply_Closure closure, void *data)
{
	Posthouse__SessionsReply reply = POSTHOUSE__SESSIONS_REPLY__INIT;
	struct rpc_call *call = data;
	call->status = read_sessions(frontend_of(service), call, in, &reply);
	closure(&reply, call);
}

/* --- Kick ------------------------------------------------------------------------------ */

static void
work_kick(struct frontend_loop *l, void *arg)
{
	roster_kick(l, arg);
}

static void
admin_kick(Posthouse__FrontendAdmin_Service *service, const Posthouse__KickRequest *in,
    Posthouse__KickReply_Closure closure, void *data)
{
	Posthouse__KickReply reply = POSTHOUSE__KICK_REPLY__INIT;
	struct roster_kick kick = { .account = in->account, .session = in->session, .at_once = in->at_once };
	struct frontend *f = frontend_of(service);
	struct rpc_call *call = data;
	if (!*in->account == !*in->session) {
		call->status = status_make(STATUS_INVALID, "Either an account or a session is to be ended");
	} else {
		for (size_t i = 0; i < frontend_loop_count(f); i++)
			visit_loop(frontend_loop(f, i), work_kick, &kick);
	}
	reply.sessions = kick.count;
	closure(&reply, call);
}

void
admin_init(struct admin *admin, struct frontend *f)
{
	static const Posthouse__FrontendAdmin_Service methods = POSTHOUSE__FRONTEND_ADMIN__INIT(admin_);
	*admin = (struct admin){ methods, f };
}
