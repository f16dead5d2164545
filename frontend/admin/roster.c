#include "frontend/admin/roster.h"

#include "base/clock.h"
#include "base/log.h"
#include "frontend/session/session.h"

static char *
text(struct arena *a, const char *s)
{
	return arena_strdup(a, s ? s : "");
}

static Posthouse__Session *
describe(struct arena *a, struct session *s)
{
	Posthouse__Session *out = ARENA_NEW(a, Posthouse__Session);
	const struct peer *peer = conn_peer(s->conn);
	int64_t now = clock_mono_ms();
	posthouse__session__init(out);
	out->id = text(a, s->env.trace);
	out->account = text(a, s->account ? s->account->name : NULL);
	out->protocol = arena_printf(a, "%s%s", s->protocol->name, s->tls_from_start ? "s" : "");
	out->address = text(a, peer_remote_text(peer, a));
	out->port = peer->remote_port;
	out->tls_version = text(a, conn_tls_version(s->conn));
	out->state = text(a, session_state_name(s));
	out->mailbox = text(a, s->selected ? s->selected->name : NULL);
	out->read_only = s->selected && s->selected->read_only;
	out->idling = s->idling;
	out->busy = s->task && !s->idling;
	out->idle_ms = (uint64_t)(now - conn_last_input(s->conn));
	out->age_ms = (uint64_t)(now - s->started_at);
	return out;
}

static bool
is_of(const struct session *s, const char *account)
{
	return s->account && strcmp(s->account->name, account) == 0;
}

void
roster_read(struct frontend_loop *l, struct roster_page *page)
{
	page->more = false;
	for (struct session *s = l->sessions; s; s = s->next) {
		if (s->number >= page->below || (*page->account && !is_of(s, page->account)))
			continue;
		if (page->count == page->most) {
			page->more = true;
			return;
		}
		page->sessions[page->count++] = describe(page->arena, s);
		page->below = s->number;
	}
}

/* A command whose answer is on its way cannot be told goodbye in the middle of it: then there is none. */
static void
end_session(struct session *s, bool at_once)
{
	static const char farewell[] = "Session ended by the operator";
	log_info("%s: session %s of %s is ended by an operator", s->protocol->name, s->env.trace,
	    s->account ? s->account->name : "nobody yet");
	if (at_once && s->task && !s->idling)
		session_free(&s);
	else
		session_drain(s, farewell);
}

void
roster_kick(struct frontend_loop *l, struct roster_kick *kick)
{
	for (struct session *s = l->sessions, *next; s; s = next) {
		next = s->next;
		bool meant = *kick->account ? is_of(s, kick->account) : strcmp(s->env.trace, kick->session) == 0;
		if (!meant || s->state == SESSION_LOGOUT || (s->draining && !kick->at_once))
			continue;
		end_session(s, kick->at_once);
		kick->count++;
	}
}
