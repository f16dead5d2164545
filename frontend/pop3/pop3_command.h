/*
 * pop3_command - what every POP3 command is made of
 *
 * A command is a row of pop3_commands.c: its name, the states it is legal in, what
 * arguments it takes, its code. The dispatcher finds the row, checks state and
 * arguments, makes the frame and runs the first step. Answers are given with
 * pop3_ok and pop3_err, which end the task, or written by
 * hand and ended with pop3_end.
 *
 * A session is AUTHORIZATION (NOT_AUTHENTICATED), then TRANSACTION (AUTHENTICATED);
 * UPDATE is QUIT's own business. There is no lock on the mailbox, so [IN-USE] is never
 * answered: UIDs mean the same for ever, and others may come and go meanwhile.
 */
#ifndef POP3_COMMAND_H
#define POP3_COMMAND_H

#include "frontend/pop3/pop3_ahead.h"
#include "frontend/pop3/pop3_drop.h"
#include "frontend/session/session.h"

/* What net/ needs to serve POP3. */
extern const struct session_protocol pop3_protocol;

enum pop3_legal {
	POP3_AUTHORIZATION = SESSION_NOT_AUTHENTICATED,
	POP3_TRANSACTION = SESSION_AUTHENTICATED,
	POP3_ALWAYS = POP3_AUTHORIZATION | POP3_TRANSACTION,
};

enum pop3_takes {
	POP3_NOTHING,
	POP3_TEXT,			/* frame->text                        */
	POP3_MAYBE_TEXT,
	POP3_NUMBER,			/* frame->numbers                     */
	POP3_MAYBE_NUMBER,
	POP3_TWO_NUMBERS,
};

enum pop3_variant { POP3_UIDL = 1, POP3_TOP = 2 };

struct pop3_ops {
	size_t frame_size;		/* 0: nothing but pop3_frame          */
	step_fn *start;			/* first step; the frame is filled    */
	bool secret;			/* arguments are wiped when it ends   */
};

struct pop3_command {
	const char *name;
	unsigned legal;			/* enum pop3_legal                    */
	enum pop3_takes takes;
	const struct pop3_ops *ops;
	unsigned variant;		/* where two names share code         */
};

extern const struct pop3_command pop3_commands[];
/* Whatever the case. NULL: no such command. */
const struct pop3_command *pop3_command_find(struct span name);

/* What every frame begins with. */
struct pop3_frame {
	const struct pop3_command *command;
	struct span text;		/* in t->input */
	uint32_t numbers[2];
	size_t count;			/* of them     */
};

/* What a session keeps. */
struct pop3_session {
	char *user;			/* from USER; NULL: none */
	char *timestamp;		/* for APOP, from the greeting; NULL: it was not offered */
	struct pop3_drop drop;
	struct pop3_ahead ahead;
};
struct pop3_session *pop3_session(struct session *s);

/* --- in steps ------------------------------------------------------------- */

/* "+OK text" */
MUST_USE enum step pop3_ok(struct task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, and the command goes on: lines follow, or bytes. */
void pop3_ok_begin(struct task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "-ERR text" */
MUST_USE enum step pop3_err(struct task *t, const char *text);
/* "-ERR [code] text" in the words of pop3_status.c. */
MUST_USE enum step pop3_err_status(struct task *t, struct status status);
/* "-ERR text" for what cannot be understood; a client that goes on like this is sent away. */
MUST_USE enum step pop3_err_command(struct task *t, const char *text);
/* All is written. */
MUST_USE enum step pop3_end(struct task *t);

/* The first message a command names; NULL: pop3_err_message is the answer. */
struct pop3_message *pop3_message(struct task *t);
MUST_USE enum step pop3_err_message(struct task *t);
/* INBOX, for calls. */
void pop3_box(struct session *s, Posthouse__MailboxRef *out);

/* What a status is called: "SYS/TEMP", or NULL. */
const char *pop3_status_code(struct status status);
const char *pop3_status_text(struct status status);

/* --- the code of all commands, in cmd_x.c ----------------------------------- */

extern const struct pop3_ops pop3_apop_ops, pop3_auth_ops, pop3_capa_ops, pop3_dele_ops, pop3_lang_ops, pop3_list_ops, pop3_noop_ops,
    pop3_pass_ops, pop3_quit_ops, pop3_retr_ops, pop3_rset_ops, pop3_stat_ops, pop3_stls_ops, pop3_user_ops,
    pop3_utf8_ops;

#endif
