/*
 * task - a stack frame for code that waits
 *
 * A task is a chain of steps. A step runs to its end on the loop, then either
 * ends the task or names who continues and what for; those are the only two ways to
 * obtain an `enum step`, so the compiler notices a forgotten answer:
 *
 *	static enum step
 *	status_start(struct task *t)
 *	{
 *		struct status_frame *f = TASK_FRAME(t, struct status_frame);
 *		f->request.mailbox = ...;
 *		return store_status(t, &f->request, &f->reply, status_known);
 *	}
 *
 *	static enum step
 *	status_known(struct task *t)
 *	{
 *		struct status_frame *f = task_frame(t);
 *		if (!status_ok(t->status))
 *			return imap_no(t, t->status);
 *		...
 *		return imap_ok(t, "STATUS completed");	(ends in task_end)
 *	}
 *
 * What must survive a wait lives in the frame or elsewhere in the arena, which goes when the
 * task ends. A step never runs inside another one, however quickly what it waits for is there.
 *
 * A task that is cancelled (its connection closed) is never called again:
 * its calls are cancelled, what was given to task_on_end is done.
 *
 * Waiting for services is in task_calls.h; for the client's bytes (lines,
 * literals) and for the selected mailbox in session/session.h.
 */
#ifndef FRONTEND_TASK_TASK_H
#define FRONTEND_TASK_TASK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"
#include "frontend/net/conn.h"
#include "rpc/rpc.h"

/* What a step returns. Never written by hand: only task functions make one. */
enum step {
	STEP_WAITS = 1,		/* somebody will continue the task */
	STEP_ENDED = 2,		/* it has answered and is over     */
};

struct task;
struct session;

typedef enum step step_fn(struct task *t);

/* What a task needs from whoever it works for. Outlives the tasks, or cancels them. */
struct task_env {
	struct loop *loop;
	struct conn *conn;		/* NULL for work without a client           */
	ProtobufCService *auth;
	ProtobufCService *store;	/* the account's; NULL before login         */
	struct span ticket;		/* empty before login; copied for each call */
	int64_t patience;		/* ms a call may wait for its service       */
	char trace[24];			/* begins the trace id of every task        */
	uint32_t tasks;			/* counts them, for the rest of it          */
};

struct task {
	struct arena arena;		/* until the task ends                        */
	struct status status;		/* of what was last waited for                */
	struct session *session;	/* NULL for work without a client             */
	struct task_env *env;		/* NULL once cancelled                        */
	struct span tag;		/* of the command; set by the protocol        */
	struct span input;		/* the command's bytes, in the arena          */
	/*
	 * Beside messages: set `send` before a call, it moves into the call. After an answer
	 * `received` holds its attachment until the next call; task_write_received passes it on.
	 */
	struct rpc_attachment send, received;
	/*
	 * Which connection the last answer came through, and, set before a call, through which alone that call may go:
	 * what rpc_call has under these names.
	 */
	uint64_t through, only_through;
	int64_t deadline;		/* clock_mono_ms() when calls give up; moves on with each answer */
	int64_t begun;			/* metric_clock()                             */
	char trace_id[33];

	/* Used by task.c and task_calls.c. */
	void *frame;
	void *helper;			/* of a function that waits on a step's behalf */
	step_fn *next;			/* who continues                              */
	void (*on_ended)(struct task *t);
	struct task_call *calls;
	struct task_cleanup *cleanups;
	struct event *timer;
	struct span ticket;		/* copy of env's, for the calls               */
	struct status outcome;		/* of the calls waited for: the first failure */
	unsigned pending;		/* calls whose closure has not run            */
	unsigned waiting;		/* those of them the next step waits for      */
	bool running, ready, parked, draining;
};

/* `ended` is called when the task has ended by itself, not when it is cancelled. May be NULL. */
struct task *task_new(struct task_env *env, struct session *session, void (*ended)(struct task *t));
/* Run the first step, and on until one waits. */
void task_start(struct task *t, step_fn *first);
/* Not from within one of its steps. The task is gone afterwards. */
void task_cancel(struct task **t);

/* The frame: zeroed, `size` bytes, one per task, made by its first step. */
void *task_frame_new(struct task *t, size_t size);
#define TASK_FRAME(t, type) ((type *)task_frame_new((t), sizeof(type)))
static inline void *
task_frame(struct task *t)
{
	return t->frame;
}

/* --- the ways to obtain an enum step --------------------------------------- */

/* The task has answered. */
MUST_USE enum step task_end(struct task *t);
/* Go on with another step, now. */
MUST_USE enum step task_go(struct task *t, step_fn *next);
/* Go on after everything else the loop knows of has been looked at once. */
MUST_USE enum step task_yield(struct task *t, step_fn *next);
/* Go on after `ms`. */
MUST_USE enum step task_sleep(struct task *t, int64_t ms, step_fn *next);
/*
 * Go on when the client has taken enough of its output: at once below
 * CONN_HIGH_WATER. Call it between pieces of long answers. Time spent here does not count for the deadline.
 */
MUST_USE enum step task_drain(struct task *t, step_fn *next);
/* Go on when somebody calls task_wake. */
MUST_USE enum step task_park(struct task *t, step_fn *next);
/* Go on when all calls begun with the _also functions of task_calls.h are answered; status: the first failure. */
MUST_USE enum step task_all(struct task *t, step_fn *next);

/* ---------------------------------------------------------------------------- */

/* Wakes a parked task, with `status` for its step. Does nothing when it is not parked. */
void task_wake(struct task *t, struct status status);
/* Does it wait for task_wake? */
bool task_is_parked(const struct task *t);
/* The client has taken its output: for whoever gets conn's `drained`. */
void task_drained(struct task *t);

/* Done when the task ends or is cancelled, latest first. */
void task_on_end(struct task *t, void (*undo)(void *arg), void *arg);

/* The attachment of the last answer goes to the client, by reference when it is worth it. */
void task_write_received(struct task *t);

#endif
