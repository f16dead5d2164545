/*
 * session_timer - one timer for everything a session does or suffers by the clock
 *
 * When it fires, whatever is due is done, and it is set for what comes next. Input does not
 * touch it: a client that has been heard of since simply makes it fire for nothing.
 */
#include <event2/event.h>

#include "base/clock.h"
#include "frontend/session/session_private.h"

enum {
	LOOK_MS = 5 * 60 * 1000,	/* look at least this often                   */
	STUCK_MS = 5 * 60 * 1000,	/* a client that takes nothing for that long  */
	REFUSED_MS = 5 * 1000,		/* to shake hands and hear that it is refused */
};

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Until when it must have logged in, or come as far as that is possible. */
static int64_t
login_end(const struct session *s)
{
	const struct frontend_config *config = frontend_config(s->frontend);
	int64_t time = config->login_timeout;
	int64_t end = s->started_at + (s->refusal && time > REFUSED_MS ? REFUSED_MS : time);
	return conn_is_shaking(s->conn) ? sooner(end, conn_last_input(s->conn) + config->handshake_timeout) : end;
}

/* The next moment at which something may be due. */
static int64_t
timer_due(const struct session *s, int64_t now)
{
	const struct frontend_config *config = frontend_config(s->frontend);
	int64_t due = now + LOOK_MS;
	if (!s->account)
		return sooner(due, login_end(s));
	if (!s->renewal)
		due = sooner(due, s->account->renew_at);
	if (s->idling)
		return sooner(due, s->told_at + config->idle_keepalive);
	int64_t silent = conn_last_input(s->conn) + config->idle_timeout;
	return silent > now ? sooner(due, silent) : due;
}

/* The client has been silent for too long, and it is its turn. */
static bool
timer_is_silent(const struct session *s, int64_t now)
{
	bool its_turn = !s->task || s->input.waits != SESSION_WAITS_NOT;
	return its_turn && !s->idling
	    && now - conn_last_input(s->conn) >= frontend_config(s->frontend)->idle_timeout;
}

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	const struct frontend_config *config = frontend_config(s->frontend);
	int64_t now = clock_mono_ms(), stuck = conn_stuck_since(s->conn);
	(void)fd, (void)what;

	if (stuck && now - stuck >= STUCK_MS) {
		session_free(&s);
		return;
	}
	if (!s->account && now >= login_end(s)) {
		if (s->greeted && s->state != SESSION_LOGOUT)
			session_bye(s, NULL, "Too slow to log in");
		else
			conn_finish(s->conn);
	} else if (s->account && timer_is_silent(s, now)) {
		session_bye(s, NULL, "Idle for too long");
	}
	if (s->account && now >= s->account->renew_at && s->state != SESSION_LOGOUT)
		account_renew(s);
	if (s->idling && now - s->told_at >= config->idle_keepalive) {
		session_write(s, SPAN_LIT("* OK Still here\r\n"));
		s->told_at = now;
	}
	timer_update(s);
}

void
timer_start(struct session *s)
{
	s->timer = evtimer_new(loop_base(s->home->loop), timer_fired, s);
	timer_update(s);
}

void
timer_update(struct session *s)
{
	int64_t now = clock_mono_ms(), wait = timer_due(s, now) - now;
	if (s->state == SESSION_LOGOUT || wait < 0)
		wait = s->state == SESSION_LOGOUT ? LOOK_MS : 0;
	struct timeval delay = { wait / 1000, wait % 1000 * 1000 };
	evtimer_add(s->timer, &delay);
}

void
timer_stop(struct session *s)
{
	event_free(s->timer);
	s->timer = NULL;
}
