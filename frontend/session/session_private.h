/*
 * session_private - what the files of session/ share
 */
#ifndef FRONTEND_SESSION_SESSION_PRIVATE_H
#define FRONTEND_SESSION_SESSION_PRIVATE_H

#include "frontend/session/session.h"

/* session_metrics.c: from one state to another, so that it is known how many there are in each. */
void session_set_state(struct session *s, enum session_state state);
/* 1: it is new; -1: it ends. */
void session_count(const struct session *s, int change);

/* It is not welcome. */
void session_count_refused(const struct session *s);

/* session.c: start commands while there are any and none is at hand. */
void session_pump(struct session *s);
/* session.c: for task_new of a command. */
void session_command_over(struct task *t);

/* session.c: when the connection is ready and the client is known to be welcome, or not; harmless before. */
void session_greet(struct session *s);

/* session_admission.c: it shakes hands, or no more; told more than once is fine. */
void session_count_handshake(struct session *s, bool shaking);
/* session_admission.c: may it come in? Sets `refusal`, perhaps later. */
void session_admit(struct session *s, const struct peer *peer);
bool session_is_admitted(const struct session *s);
/* It counts no more. */
void session_dismiss(struct session *s);

/* session_input.c */
enum input_result {
	INPUT_MORE,		/* no whole command yet                  */
	INPUT_COMMAND,		/* t->input is one                       */
	INPUT_FLOOD,		/* more to skip than we care to look at  */
};
/* Cuts the next command off the conn's input into a task. */
enum input_result input_next_command(struct session *s, struct task **out);
/* The command at hand is over: what it left unread is to be skipped. */
void input_command_over(struct session *s);
/* Something came: the waiting command may have what it waits for. */
void input_arrived(struct session *s);
void input_release(struct session *s);

/* session_account.c */
void account_free(struct session_account **a);
void account_renew(struct session *s);

/* session_timer.c */
void timer_start(struct session *s);
/* Something changed about when it is due. */
void timer_update(struct session *s);
void timer_stop(struct session *s);

#endif
