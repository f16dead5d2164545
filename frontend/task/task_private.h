/*
 * task_private - what task.c and task_calls.c share
 */
#ifndef FRONTEND_TASK_TASK_PRIVATE_H
#define FRONTEND_TASK_TASK_PRIVATE_H

#include "frontend/task/task.h"

/* A call of a task. Lives until the task ends and its closure has run. */
struct task_call {
	struct task_call *next;
	struct task *task;
	struct rpc_call *call;
	const ProtobufCMessage **out_reply;	/* NULL once answered and superseded */
	bool answered;
};

/* The next step may run now: at once, or when the step at hand is over. */
void task_ready(struct task *t, struct status status);
/* Gives back the memory of a task that is over, unless closures are still to come. */
void task_bury(struct task *t);

/* task_calls.c */
void task_calls_cancel(struct task *t);
void task_calls_free(struct task *t);

#endif
