/*
 * task_calls - asking the other services, from a step
 *
 * For each method of Store and Auth there are two functions:
 *
 *	return store_select(t, &f->request, &f->reply, select_opened);
 *
 * makes the call and continues when it is answered; t->status tells how, f->reply is
 * NULL unless OK. To make several calls one, begin each and wait once:
 *
 *	store_status_also(t, &f->first, &f->first_reply);
 *	store_status_also(t, &f->second, &f->second_reply);
 *	return task_all(t, both_known);
 *
 * The request (in the arena) must stay as it is until then. The reply lives until
 * the task ends or makes another call with the same out_reply, so that pulling
 * a long answer does not pile up. Ticket, trace id, deadline and,
 * for methods that change something, a fresh request id are filled in here; retries
 * are the RPC client's business and keep that id.
 */
#ifndef FRONTEND_TASK_TASK_CALLS_H
#define FRONTEND_TASK_TASK_CALLS_H

#include "frontend/task/task.h"
#include "proto/auth.pb-c.h"
#include "proto/store.pb-c.h"

enum task_call_kind {
	TASK_CALL_ASKS,		/* changes nothing            */
	TASK_CALL_CHANGES,	/* gets a request id          */
};

/* For the functions below. NULL: the service is not known (t->status says so, nothing to call). */
struct rpc_call *task_call_begin(struct task *t, ProtobufCService *service, enum task_call_kind kind,
    const ProtobufCMessage **out_reply);
void task_call_done(const ProtobufCMessage *reply, void *call);

/* Calls of this thread whose closure has not run: before a loop ends it waits for those of cancelled tasks. */
unsigned task_calls_under_way(void);
/* Those of all threads. From any thread. */
int64_t task_calls_of_all(void);

#define TASK_METHOD(service, method, Name, kind)						\
	static inline void									\
	service##_##method##_also(struct task *t, const Posthouse__##Name##Request *request,	\
	    const Posthouse__##Name##Reply **out_reply)						\
	{											\
		struct rpc_call *call = task_call_begin(t, t->env->service, kind,		\
		    (const ProtobufCMessage **)out_reply);					\
		if (call)									\
			posthouse__##service##__##method(t->env->service, request,		\
			    (Posthouse__##Name##Reply_Closure)task_call_done, call);		\
	}											\
	MUST_USE static inline enum step							\
	service##_##method(struct task *t, const Posthouse__##Name##Request *request,		\
	    const Posthouse__##Name##Reply **out_reply, step_fn *next)				\
	{											\
		service##_##method##_also(t, request, out_reply);				\
		return task_all(t, next);							\
	}

TASK_METHOD(auth, login, Login, TASK_CALL_ASKS)
TASK_METHOD(auth, renew, Renew, TASK_CALL_ASKS)
TASK_METHOD(auth, mechanisms, Mechanisms, TASK_CALL_ASKS)
TASK_METHOD(auth, exchange, Exchange, TASK_CALL_ASKS)

TASK_METHOD(store, select, Select, TASK_CALL_ASKS)
TASK_METHOD(store, sync, Sync, TASK_CALL_ASKS)
TASK_METHOD(store, watch, Watch, TASK_CALL_ASKS)
TASK_METHOD(store, list, List, TASK_CALL_ASKS)
TASK_METHOD(store, status, Status, TASK_CALL_ASKS)
TASK_METHOD(store, create, Create, TASK_CALL_CHANGES)
TASK_METHOD(store, delete, Delete, TASK_CALL_CHANGES)
TASK_METHOD(store, rename, Rename, TASK_CALL_CHANGES)
TASK_METHOD(store, subscribe, Subscribe, TASK_CALL_CHANGES)
TASK_METHOD(store, upload, Upload, TASK_CALL_CHANGES)
TASK_METHOD(store, append, Append, TASK_CALL_CHANGES)
TASK_METHOD(store, flags, Flags, TASK_CALL_CHANGES)
TASK_METHOD(store, copy, Copy, TASK_CALL_CHANGES)
TASK_METHOD(store, expunge, Expunge, TASK_CALL_CHANGES)
TASK_METHOD(store, fetch, Fetch, TASK_CALL_CHANGES)	/* BODY[] sets \Seen */
TASK_METHOD(store, search, Search, TASK_CALL_ASKS)
TASK_METHOD(store, pop3_list, Pop3List, TASK_CALL_ASKS)
TASK_METHOD(store, pop3_read, Pop3Read, TASK_CALL_CHANGES)	/* may set \Seen */

#undef TASK_METHOD

#endif
