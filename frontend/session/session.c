/*
 * session - from greeting to goodbye
 *
 * session_pump is the only place where commands start. It is a loop, not a recursion: a
 * command that is answered at once ends inside it, and the next one follows.
 */
#include "frontend/session/session.h"

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/session/session_private.h"
#include "frontend/watch/watch.h"

static void session_on_ready(void *arg);
static void session_on_input(void *arg);
static void session_on_drained(void *arg);
static void session_on_closed(void *arg, const char *why);

static const struct conn_events session_conn_events = {
	.ready = session_on_ready,
	.input = session_on_input,
	.drained = session_on_drained,
	.closed = session_on_closed,
};

/* --- life ------------------------------------------------------------------------------- */

static void
session_link(struct session *s)
{
	struct frontend_loop *home = s->home;
	s->next = home->sessions;
	if (s->next)
		s->next->prev = s;
	home->sessions = s;
	home->session_count++;
	s->number = ++home->last_number;
}

static void
session_unlink(struct session *s)
{
	struct frontend_loop *home = s->home;
	if (s->prev)
		s->prev->next = s->next;
	else
		home->sessions = s->next;
	if (s->next)
		s->next->prev = s->prev;
	home->session_count--;
}

static void
session_name_trace(struct session *s)
{
	unsigned char random[6];
	if (RAND_bytes(random, sizeof(random)) != 1)
		panic("no random bytes");
	hex_encode(span_of(random, sizeof(random)), s->env.trace);
}

struct session *
session_new(struct frontend_loop *home, const struct session_protocol *protocol,
    int take_fd, bool tls_now, struct peer *take_peer)
{
	struct session *s = MEM_NEW(struct session);
	const struct frontend_config *config = frontend_config(home->frontend);
	s->state = SESSION_NOT_AUTHENTICATED;
	s->frontend = home->frontend;
	s->home = home;
	s->protocol = protocol;
	s->tls_from_start = tls_now;
	s->started_at = clock_mono_ms();
	session_count_handshake(s, tls_now);
	session_admit(s, take_peer);
	struct conn_tls tls = { frontend_tls(s->frontend), protocol->name, tls_now };
	s->conn = conn_new(home->loop, take_fd, &tls, take_peer, &session_conn_events, s);
	if (config->max_line > CONN_READ_AHEAD)
		conn_want(s->conn, (size_t)config->max_line);
	s->env.loop = home->loop;
	s->env.conn = s->conn;
	s->env.auth = frontend_auth(s->frontend);
	s->env.patience = config->store_wait;
	session_name_trace(s);
	session_link(s);
	session_count(s, 1);
	timer_start(s);
	return s;
}

void
session_free(struct session **sp)
{
	struct session *s = *sp;
	if (!s)
		return;
	*sp = NULL;
	session_set_state(s, SESSION_LOGOUT);
	task_cancel(&s->task);
	task_cancel(&s->renewal);
	session_deselect(s);
	input_release(s);
	account_free(&s->account);
	timer_stop(s);
	session_dismiss(s);
	session_count_handshake(s, false);
	conn_free(&s->conn);
	session_unlink(s);
	session_count(s, -1);
	if (s->protocol->forget)
		s->protocol->forget(s);
	free(s->protocol_data);
	free(s);
}

/* --- commands, one after another -------------------------------------------------------------- */

static bool
session_may_start(const struct session *s)
{
	return !s->task && s->greeted && s->state != SESSION_LOGOUT && conn_unsent(s->conn) < CONN_HIGH_WATER;
}

/* False: nothing to start now. */
static bool
session_start_command(struct session *s)
{
	struct task *t;
	switch (input_next_command(s, &t)) {
	case INPUT_COMMAND:
		s->task = t;
		task_start(t, s->protocol->start);
		return true;
	case INPUT_FLOOD:
		session_bye(s, NULL, "Too much data");
		return false;
	case INPUT_MORE:
		break;
	}
	if (conn_at_end(s->conn))
		session_logout(s);
	return false;
}

/* After anything that may let the session go on. */
static void
session_settle(struct session *s)
{
	if (s->task)
		return;
	if (s->draining && s->state != SESSION_LOGOUT)
		session_bye(s, NULL, s->farewell);
	if (s->state == SESSION_LOGOUT)
		conn_finish(s->conn);
}

void
session_pump(struct session *s)
{
	if (s->pumping)
		return;
	s->pumping = true;
	while (!s->draining && session_may_start(s) && session_start_command(s))
		;
	s->pumping = false;
	session_settle(s);
}

void
session_command_over(struct task *t)
{
	struct session *s = t->session;
	s->task = NULL;
	s->pipelined = true;
	input_command_over(s);
	session_pump(s);
}

void
session_greet(struct session *s)
{
	if (s->greeted || !s->ready || !session_is_admitted(s))
		return;
	s->greeted = true;
	if (s->refusal)
		session_bye(s, s->refusal_code, s->refusal);
	else
		s->protocol->greet(s);
}

/* --- what the connection says ---------------------------------------------------------------------- */

static void
session_on_ready(void *arg)
{
	struct session *s = arg;
	s->ready = true;
	session_count_handshake(s, false);
	if (s->greeted)
		session_pump(s);	/* after STARTTLS */
	else
		session_greet(s);
}

static void
session_on_input(void *arg)
{
	struct session *s = arg;
	input_arrived(s);
	if (!s->task)
		s->pipelined = false;
	session_pump(s);
}

static void
session_on_drained(void *arg)
{
	struct session *s = arg;
	if (s->task)
		task_drained(s->task);
	session_pump(s);
}

static void
session_on_closed(void *arg, const char *why)
{
	struct session *s = arg;
	log_debug("%s: session %s closed: %s", s->protocol->name, s->env.trace, why);
	session_free(&s);
}

/* --- goodbye ------------------------------------------------------------------------------------------ */

void
session_bye(struct session *s, const char *code, const char *text)
{
	if (s->state == SESSION_LOGOUT)
		return;
	s->protocol->bye(s, code, text);
	session_set_state(s, SESSION_LOGOUT);
	if (s->task && s->task->running)
		return;		/* session_settle closes when it is over */
	task_cancel(&s->task);
	conn_finish(s->conn);
}

void
session_logout(struct session *s)
{
	session_set_state(s, SESSION_LOGOUT);
}

void
session_drain(struct session *s, const char *farewell)
{
	s->draining = true;
	s->farewell = farewell;
	if (!s->greeted)
		conn_finish(s->conn);
	else if (s->idling || !s->task)
		session_bye(s, NULL, farewell);
}

/* Counted in a row: a client that is lost would go on for ever. */
bool
session_bad_command(struct session *s)
{
	if (++s->bad_commands < frontend_config(s->frontend)->max_bad_commands)
		return false;
	session_bye(s, NULL, "Too many invalid commands");
	return true;
}

void
session_good_command(struct session *s)
{
	s->bad_commands = 0;
}

void
session_start_tls(struct session *s)
{
	s->input.line = s->input.scanned = 0;
	conn_start_tls(s->conn);
	timer_update(s);
}

bool
session_plaintext_ok(const struct session *s)
{
	return conn_is_tls(s->conn) || frontend_config(s->frontend)->allow_plaintext
	    || peer_is_loopback(conn_peer(s->conn));
}

/* --- output ------------------------------------------------------------------------------------------------ */

void
session_printf(struct session *s, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	conn_vprintf(s->conn, format, args);
	va_end(args);
}

void
session_write(struct session *s, struct span bytes)
{
	conn_write(s->conn, bytes);
}

void
session_write_buf(struct session *s, const struct buf *b)
{
	conn_write(s->conn, buf_view(b));
}
