/*
 * session - one client, from greeting to goodbye
 *
 *	NOT_AUTHENTICATED --session_login--> AUTHENTICATED <--deselect/select--> SELECTED
 *	        \_______________________________ | _____________________________/
 *	                                         v
 *	                                       LOGOUT (what is written is sent, then closed)
 *
 * A session reads commands from its conn and runs them one at a time, each as a task; what the client
 * sends meanwhile waits. It knows framing (lines, literals) but no grammar:
 * that is its protocol's, a `struct session_protocol`, one for IMAP and one for POP3.
 *
 * How a command comes in. Bytes are collected to the end of a line. If that line announces a literal
 * ("{310}", "{310+}", "~{310}") the protocol says whether it is
 *   - collected: "+ OK" is sent where the client waits for it, and the line goes on behind the literal;
 *   - streamed: the command starts at once, t->input ends with the announcement's CRLF, and its steps pull
 *     the literal with session_literal and then the rest of the line with session_line.
 * A complete command is copied to t->input (its CRLFs and literals included) and protocol->start runs as the
 * task's first step. A line or collected literal that is too long still starts the command, with what fits in t->input
 * and `s->oversize` set, so that it is answered by its tag; the rest is skipped. Whatever a command leaves unread of its
 * streamed literal or line is skipped when it ends (unless the client waits for a "+" that it never got).
 */
#ifndef FRONTEND_SESSION_SESSION_H
#define FRONTEND_SESSION_SESSION_H

#include "frontend/admission/entrance.h"
#include "frontend/frontend.h"
#include "frontend/session/view.h"
#include "frontend/task/task.h"
#include "frontend/task/task_calls.h"

enum session_state {
	SESSION_NOT_AUTHENTICATED = 1,
	SESSION_AUTHENTICATED = 2,
	SESSION_SELECTED = 4,
	SESSION_LOGOUT = 8,
};

/* What ENABLE and friends switched on. */
enum session_enabled {
	SESSION_CONDSTORE = 1,
	SESSION_QRESYNC = 2,
};

enum literal_choice { LITERAL_COLLECT, LITERAL_STREAM };

struct session_protocol {
	const char *name;		/* "imap", in logs and in Peer.service ("imaps" with TLS from the start) */
	bool literals;			/* lines may announce them */
	bool login_delay;		/* POP3_LOGIN_DELAY is for it */
	/* Write the greeting. Not called again after STARTTLS. */
	void (*greet)(struct session *s);
	/* `so_far`: the command up to and with the announcement's CRLF. */
	enum literal_choice (*literal)(struct session *s, struct span so_far, uint64_t size);
	/* First step of every command. */
	step_fn *start;
	/* Write the line that says why we hang up; `code` as "UNAVAILABLE", or NULL. */
	void (*bye)(struct session *s, const char *code, const char *text);
	/* Release what protocol_data points at (it itself is freed for you). May be NULL. */
	void (*forget)(struct session *s);
};

/* Who logged in. */
struct session_account {
	char *name;			/* canonical, "alice@example.test"     */
	char *store;			/* name of the owning store            */
	char *options;			/* Courier's form, "disablepop3=1"     */
	char *ticket;			/* env.ticket views it                 */
	int64_t renew_at;		/* clock_mono_ms()                     */
	int64_t expires_at;		/* seconds since 1970                  */
};

/* The selected mailbox. */
struct session_selected {
	char *name;			/* canonical: as the store knows it    */
	char *mailbox_id;
	uint32_t uidvalidity;
	bool read_only;			/* EXAMINE                             */
	struct view view;
};

struct session_watch;			/* watch/'s own */

/* A literal announced at the end of a line. */
struct session_literal_info {
	uint64_t size, left;
	bool waits;			/* the client waits for "+" before it sends */
};

enum session_waits { SESSION_WAITS_NOT, SESSION_WAITS_LINE, SESSION_WAITS_LITERAL };

/* Where the reading of commands stands; session_input.c. */
struct session_input {
	size_t line;			/* begin of the line at hand, in conn_input     */
	size_t scanned;			/* no end of line before here                   */
	uint64_t skip;			/* bytes to throw away, then, if                */
	bool skip_line;			/* ... set, up to the end of a line             */
	bool streamed;			/* the command at hand has a streamed literal   */
	bool rest_pending;		/* ... whose line goes on behind it             */
	bool secret;			/* session_secret_input was called              */
	uint8_t waits;			/* enum session_waits: of the command at hand   */
	struct span *out;		/* where it wants it                            */
	struct session_literal_info literal;
	struct rpc_attachment piece;	/* of the literal, filling up                   */
	size_t piece_left;		/* what it lacks                                */
};

struct session {
	enum session_state state;
	unsigned enabled;			/* enum session_enabled       */
	struct frontend *frontend;
	struct frontend_loop *home;		/* the loop it lives on       */
	const struct session_protocol *protocol;
	struct conn *conn;
	struct task_env env;
	struct task *task;			/* the command at hand        */
	struct session_account *account;	/* NULL before login          */
	struct session_selected *selected;	/* NULL unless SELECTED       */
	struct session_watch *watch;		/* NULL unless SELECTED       */
	void *protocol_data;			/* the protocol's own, freed after protocol->forget; NULL at first */
	bool oversize;				/* the command at hand is too long: refuse it */

	/* Used inside session/. */
	struct session_input input;
	struct task *renewal;
	struct event *timer;
	const char *refusal, *refusal_code;	/* said instead of a greeting; NULL: welcome */
	struct entrance *address_entrance, *account_entrance;	/* NULL: not limited  */
	const char *farewell;			/* said when it drains                       */
	uint64_t number;			/* rising, within its loop                   */
	bool tls_from_start, shaking, idling, pumping, ready, greeted, draining, counted;
	bool pipelined;				/* the command at hand was here before the last one was answered */
	uint16_t bad_commands;
	int64_t started_at, told_at;
	struct session *prev, *next;		/* all sessions of the loop   */
};

/* --- connection ------------------------------------------------------------- */

/* Takes the socket over, and what the peer owns. `tls_now`: 993. */
struct session *session_new(struct frontend_loop *home, const struct session_protocol *protocol,
    int take_fd, bool tls_now, struct peer *take_peer);
/* BYE with that text (borrowed) now if it is idle, else when the command at hand is over. */
void session_drain(struct session *s, const char *farewell);
/* As the metric posthouse_sessions and operators call it. */
const char *session_state_name(const struct session *s);
/* At once, whatever it was doing. */
void session_free(struct session **s);

/* protocol->bye, then LOGOUT. For us hanging up. */
void session_bye(struct session *s, const char *code, const char *text);
/* The client wants to go: the command that calls this still answers; then all is sent and closed. */
void session_logout(struct session *s);
/* STARTTLS: call, then answer OK; the answer leaves in plaintext, TLS follows. */
void session_start_tls(struct session *s);
/* May passwords be sent as they are: TLS, loopback, or allowed by ALLOW_PLAINTEXT. */
bool session_plaintext_ok(const struct session *s);
/* The command was one nobody understands. Too many in a row: BYE (and true: do not answer further). Reset by session_good. */
bool session_bad_command(struct session *s);
void session_good_command(struct session *s);

/* Output; thin wrappers over conn. */
void session_printf(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void session_write(struct session *s, struct span bytes);
void session_write_buf(struct session *s, const struct buf *b);

/* --- more input for the command at hand ------------------------------------- */

/* The announced literal of a streamed command. Set when the command starts; left == 0: none, or all read. */
struct session_literal_info session_literal_info(const struct session *s);
/*
 * The next piece of the streamed literal, at most 256 KiB, in *out until the next wait. The first
 * call sends "+ OK" where the client waits. Pieces are full (256 KiB) but for the last. *out is empty after the last.
 */
MUST_USE enum step session_literal(struct task *t, struct span *out, step_fn *next);
/* That piece becomes t->send, for the call that passes it on, without another copy. */
void session_literal_send(struct task *t);
/*
 * The next line, without its CRLF, in the arena: the rest behind a literal, a SASL response, DONE.
 * INVALID in t->status when it is longer than MAX_LINE. A line that itself announces a literal
 * comes with the announcement, and session_literal then reads that (MULTIAPPEND).
 */
MUST_USE enum step session_line(struct task *t, struct span *out, step_fn *next);
/* The line holds a password: wiped from the conn when consumed, from t->input and *out when the task ends. */
void session_secret_input(struct task *t);

/* --- account ------------------------------------------------------------------ */

/* Auth answered: the session is AUTHENTICATED. Status UNAVAILABLE when the account's store is not one of STORES. */
MUST_USE struct status session_login(struct session *s, const Posthouse__LoginReply *reply);
/*
 * The same, if the limits on logins allow it. t->status: session_login's, or EXHAUSTED when the account has too many
 * connections, CONFLICT when it comes too soon after its last login.
 */
MUST_USE enum step session_welcome(struct task *t, const Posthouse__LoginReply *reply, step_fn *next);
/* Peer for Auth's requests; in the arena. */
Posthouse__Peer *session_peer(struct session *s, struct arena *a);

/* --- selected mailbox ------------------------------------------------------------ */

/* Store answered Select for `name`: the session is SELECTED and the mailbox watched. */
void session_select(struct session *s, const char *name, const Posthouse__SelectReply *reply);
/* Nothing selected any more; harmless when nothing is. */
void session_deselect(struct session *s);

/* Fill a MailboxRef for a call about the selected mailbox; its answer's Delta goes to session_report. Borrows from the session. */
void session_box(struct session *s, Posthouse__MailboxRef *out);
/*
 * Tell the client what happened and bring the view up to date. `delta` may be NULL.
 * `may_expunge` false holds EXPUNGE back (FETCH, STORE, SEARCH without UID).
 */
void session_report(struct session *s, const Posthouse__Delta *delta, bool may_expunge);
/* FLAGS and PERMANENTFLAGS, if these keywords are more than the client knows: before FETCH lines that show them. */
void session_report_keywords(struct session *s, char *const *names, size_t count);

/*
 * NOOP, CHECK and the like: continue when everything that has happened in the selected mailbox is told. Asks the store,
 * for notices may be on their way still (docs/adr/0006), unless the client sent the command before it saw
 * the answer to the one before, and no notice came since. t->status as the call went; continues at once when nothing is selected.
 */
MUST_USE enum step session_sync(struct task *t, step_fn *next);

/*
 * While idling, changes are told as they happen, and "* OK Still here" now and then:
 *
 *	idle_start:	session_idle(s, true); return session_line(t, &f->line, idle_over);
 *	idle_over:	session_idle(s, false); ...
 */
void session_idle(struct session *s, bool on);

#endif
