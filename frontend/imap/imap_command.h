/*
 * imap_command - what every IMAP command is made of
 *
 * A command is a row of imap_commands.c: its name, the states it is legal in,
 * its code, and a variant where two names share code (SELECT and EXAMINE).
 * The dispatcher finds the row, checks the state, makes the frame, has the
 * arguments parsed into it and runs the first step. Answers are given with
 * imap_ok, imap_no and imap_bad_arguments, which end the task.
 *
 *	struct status_frame {
 *		struct imap_frame base;		(always first)
 *		...
 *	};
 *
 *	static enum parse
 *	status_parse(struct imap_parser *p, struct imap_frame *frame)
 *	...
 *	const struct imap_ops status_ops = {
 *		.frame_size = sizeof(struct status_frame), .parse = status_parse, .start = status_start
 *	};
 *
 * A parse function knows nothing of the session: it is grammar, and the fuzzer calls it.
 */
#ifndef IMAP_COMMAND_H
#define IMAP_COMMAND_H

#include "frontend/imap/imap_names.h"
#include "frontend/imap/imap_parse.h"
#include "frontend/session/session.h"

/* What net/ needs to serve IMAP. */
extern const struct session_protocol imap_protocol;

/* Exits with 78 when IMAP_NAMESPACE_PREFIX and IMAP_SEPARATOR do not go together; says so before. */
void imap_require_settings(const struct frontend_config *config);

struct imap_command;

/* What every frame begins with. */
struct imap_frame {
	const struct imap_command *command;
	bool looked_again;		/* see imap_look_again */
};

struct imap_ops {
	size_t frame_size;		/* 0: nothing but imap_frame */
	/* Arguments, from the space behind the name to rule_end. NULL: there are none. */
	enum parse (*parse)(struct imap_parser *p, struct imap_frame *frame);
	/* First step; the frame is filled. */
	step_fn *start;
	/* Arguments hold a password: they are wiped when the task ends. */
	bool secret;
};

enum imap_variant {
	IMAP_READ_ONLY = 1,		/* EXAMINE                         */
	IMAP_BY_UID = 2,		/* UID FETCH, UID STORE ...        */
	IMAP_MOVE = 4,			/* MOVE, UID MOVE                  */
	IMAP_LSUB = 8,
	IMAP_UNSUBSCRIBE = 16,
	IMAP_KEEP_DELETED = 32,		/* UNSELECT                        */
};

enum imap_legal {
	IMAP_ALWAYS = SESSION_NOT_AUTHENTICATED | SESSION_AUTHENTICATED | SESSION_SELECTED,
	IMAP_NOT_AUTHENTICATED = SESSION_NOT_AUTHENTICATED,
	IMAP_LOGGED_IN = SESSION_AUTHENTICATED | SESSION_SELECTED,
	IMAP_SELECTED = SESSION_SELECTED,
};

/*
 * Commands run one after the other in the order they came, so pipelining is safe for
 * every client that keeps to RFC 9051 5.5. What differs is whether sequence
 * numbers may change while the command runs.
 */
enum imap_expunge { IMAP_MAY_EXPUNGE, IMAP_KEEPS_NUMBERS };

struct imap_command {
	const char *name;
	unsigned legal;			/* enum imap_legal                 */
	const struct imap_ops *ops;
	unsigned variant;		/* enum imap_variant               */
	enum imap_expunge expunge;
};

/* The row of "FETCH" or "UID FETCH", whatever the case. NULL: no such command. */
const struct imap_command *imap_command_find(struct span name);
/* All rows, ended by one without a name. */
extern const struct imap_command imap_commands[];

/* tag SP name, where "UID" takes its second word along. *out is NULL for a name nobody knows. */
enum parse imap_command_name(struct imap_parser *p, struct span *out_tag, const struct imap_command **out);

/* --- in steps ------------------------------------------------------------- */

static inline unsigned
imap_variant(struct task *t)
{
	return ((struct imap_frame *)task_frame(t))->command->variant;
}

static inline bool
imap_by_uid(struct task *t)
{
	return imap_variant(t) & IMAP_BY_UID;
}

/* Names between this session's client and the services. */
struct imap_names imap_session_names(const struct session *s);

/* "* " line CRLF */
void imap_untagged(struct task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* tag OK text. The text begins with the response code, if there is one: "[READ-ONLY] Done". */
MUST_USE enum step imap_ok(struct task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* tag NO, in the words of imap_status.c. */
MUST_USE enum step imap_no(struct task *t, struct status status);
/* The same for a mailbox that messages were to be put into: TRYCREATE, OVERQUOTA. */
MUST_USE enum step imap_no_target(struct task *t, struct status status);
/* The same for the selected mailbox: when it is no more, neither is the session. */
MUST_USE enum step imap_no_selected(struct task *t, struct status status);
/* tag NO [code] text. */
MUST_USE enum step imap_no_code(struct task *t, const char *code, const char *text);
/* tag BAD text */
MUST_USE enum step imap_bad_arguments(struct task *t, const char *text);
/* The same for what cannot be understood; a client that goes on like this is sent away. */
MUST_USE enum step imap_bad_command(struct task *t, const char *text);

/* Tell what `delta` says happened in the selected mailbox, as this command's row allows. */
void imap_report(struct task *t, const Posthouse__Delta *delta);

enum { IMAP_MAX_SET_RUNS = 64 * 1024 };

/* A set of the client's as messages of the view. False: numbers lie outside of the mailbox, which is BAD. */
MUST_USE bool imap_messages(struct task *t, struct span set, bool by_uid, Posthouse__Run ***out_runs,
    size_t *out_count);
/* The same for SEARCH, where numbers beyond the mailbox name nothing. False: the set is too long, which is BAD. */
MUST_USE bool imap_messages_there(struct task *t, struct span set, bool by_uid, Posthouse__Run ***out_runs,
    size_t *out_count);
extern const char imap_no_such_messages[];
/*
 * A UID command whose UIDs the view does not have: they may be of messages that came a moment
 * ago, so all news is told and the command starts once more. The second time it is OK.
 */
MUST_USE enum step imap_look_again(struct task *t);
/* How many messages those are. */
uint64_t imap_count_messages(Posthouse__Run *const *runs, size_t count);
/* A set as runs of a request, one for each of its own; in the arena. */
Posthouse__Run **imap_set_runs(struct arena *a, const struct uidset *set);
/* A set as the client writes it: "1:3,7". In the arena. */
char *imap_print_set(struct arena *a, const struct uidset *set);
/* Runs of an answer as the client writes them: "1:3,7". In the arena. */
char *imap_print_runs(struct arena *a, Posthouse__Run *const *runs, size_t count);

/* The canonical name for what the client wrote. */
MUST_USE struct status imap_mailbox(struct task *t, struct span visible, char **out);

/* A CONDSTORE-enabling command (RFC 7162 3.1): MODSEQ is announced from now on. */
void imap_enable_condstore(struct task *t);

/*
 * Flags for a request, system flags in their usual spelling. False for a flag that
 * clients cannot set: \Recent and unknown ones that begin with "\".
 */
MUST_USE bool imap_flags(struct arena *a, const struct imap_strings *flags, char ***out);

/* "IMAP4rev1 ..." for the state that the session is in. */
void imap_capabilities(const struct session *s, struct buf *out);

#endif
