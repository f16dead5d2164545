/*
 * session_admission.c - may this client come in, and this account?
 *
 * A connection is asked about before it is greeted: the access file, how many there are in
 * all, how many from its address. A login is asked about when its password was right: how many the account
 * has, and for POP3 how long ago the last one was.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "frontend/admission/overload.h"
#include "frontend/session/session_private.h"

static const char denied[] = "Connections from your address are not accepted";
static const char too_many[] = "Too many connections, please try again later";
static const char too_many_from_you[] = "Too many connections from your address";

/* --- connections ------------------------------------------------------------------------ */

/* What counts as one address: an IPv6 client usually has a whole /64 to choose from. */
static const char *
address_key(struct arena *a, const struct peer *peer)
{
	struct peer network = *peer;

	if (!IN6_IS_ADDR_V4MAPPED(&network.remote))
		memset(&network.remote.s6_addr[8], 0, 8);
	return arena_printf(a, "ip:%s", peer_remote_text(&network, a));
}

static void
refuse(struct session *s, const char *code, const char *text)
{
	s->refusal = text;
	s->refusal_code = code;
	session_count_refused(s);
}

static void
address_answered(void *arg, bool room)
{
	struct session *s = arg;

	if (!room)
		refuse(s, "UNAVAILABLE", too_many_from_you);
	session_greet(s);
}

void
session_count_handshake(struct session *s, bool shaking)
{
	if (shaking != s->shaking)
		overload_handshakes(frontend_overload(s->frontend), shaking ? 1 : -1);
	s->shaking = shaking;
}

void
session_admit(struct session *s, const struct peer *peer)
{
	struct access_rule rule = frontend_access(s->frontend, peer);
	struct limits *limits = frontend_limits(s->frontend);
	int64_t most = rule.most >= 0 ? rule.most : frontend_config(s->frontend)->max_per_ip;
	struct arena arena;

	if (rule.denied) {
		refuse(s, NULL, denied);
		return;
	}
	const char *busy = frontend_busy(s->frontend);
	if (busy) {
		refuse(s, "UNAVAILABLE", busy);
		return;
	}
	s->counted = limits_admit(limits);
	if (!s->counted) {
		refuse(s, "UNAVAILABLE", too_many);
		return;
	}
	if (!most)
		return;
	arena_init(&arena, 0);
	s->address_entrance = entrance_new(limits, s->home->crowd, address_key(&arena, peer), most, address_answered, s);
	if (!s->address_entrance)
		refuse(s, "UNAVAILABLE", too_many_from_you);
	arena_release(&arena);
}

bool
session_is_admitted(const struct session *s)
{
	return !s->address_entrance || !entrance_waits(s->address_entrance);
}

void
session_dismiss(struct session *s)
{
	entrance_free(&s->address_entrance);
	entrance_free(&s->account_entrance);
	if (s->counted)
		limits_dismiss(frontend_limits(s->frontend));
	s->counted = false;
}

/* --- logins -------------------------------------------------------------------------------- */

/* Waits on a step's behalf; in the arena. */
struct welcome {
	struct task *task;
	const Posthouse__LoginReply *reply;
	step_fn *next;
	void *helper;			/* of whoever waits for this */
	struct crowd_question *question;
	struct status refusal;		/* when there is no room */
};

static void
withdraw(void *arg)
{
	struct welcome *w = arg;

	crowd_withdraw(&w->question);
	if (!w->task->session->account)
		entrance_free(&w->task->session->account_entrance);
}

static void
login_answered(void *arg, bool room)
{
	struct welcome *w = arg;

	w->question = NULL;
	task_wake(w->task, room ? STATUS_FINE : w->refusal);
}

static enum step
login_decided(struct task *t)
{
	struct welcome *w = t->helper;

	t->helper = w->helper;
	return task_go(t, w->next);
}

static enum step
login_admitted(struct task *t)
{
	struct welcome *w = t->helper;

	if (status_ok(t->status))
		t->status = session_login(t->session, w->reply);
	return login_decided(t);
}

static enum step
login_refuse(struct task *t)
{
	struct welcome *w = t->helper;

	t->status = w->refusal;
	return login_decided(t);
}

/* POP3's LOGIN-DELAY (RFC 2449, 6.5) */
static enum step
login_not_too_soon(struct task *t)
{
	struct session *s = t->session;
	struct welcome *w = t->helper;
	int64_t pause = frontend_config(s->frontend)->pop3_login_delay;
	const char *account = w->reply->account->account;

	if (!status_ok(t->status) || !pause || !s->protocol->login_delay)
		return task_go(t, login_admitted);
	w->refusal = status_make(STATUS_CONFLICT, "Too soon after the last login");
	if (!limits_first(frontend_limits(s->frontend), account, pause, clock_mono_ms()))
		return login_refuse(t);
	if (!s->home->crowd)
		return task_go(t, login_admitted);
	w->question = crowd_first(s->home->crowd, account, pause, login_answered, w);
	return task_park(t, login_admitted);
}

enum step
session_welcome(struct task *t, const Posthouse__LoginReply *reply, step_fn *next)
{
	struct welcome *w = ARENA_NEW(&t->arena, struct welcome);
	struct session *s = t->session;
	int64_t most = frontend_config(s->frontend)->max_per_user;

	*w = (struct welcome){ .task = t, .reply = reply, .next = next, .helper = t->helper };
	w->refusal = status_make(STATUS_EXHAUSTED, "Too many connections of this account");
	t->helper = w;
	t->status = STATUS_FINE;
	task_on_end(t, withdraw, w);
	if (!most || !reply->account)
		return task_go(t, login_not_too_soon);
	s->account_entrance = entrance_new(frontend_limits(s->frontend), s->home->crowd,
	    arena_printf(&t->arena, "user:%s", reply->account->account), most, login_answered, w);
	if (!s->account_entrance)
		return login_refuse(t);
	return s->home->crowd ? task_park(t, login_not_too_soon) : task_go(t, login_not_too_soon);
}
