/*
 * session_account - who is logged in, and staying so
 *
 * The ticket that vouches for the account runs out. Long before that it is renewed,
 * which is also when a disabled account is noticed: then the session ends.
 * While Auth cannot be reached the old ticket serves and renewal is tried again.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "frontend/session/session_private.h"

enum { RENEW_AGAIN_MS = 30 * 1000, RENEW_USUALLY_S = 1800 };

void
account_free(struct session_account **ap)
{
	struct session_account *a = *ap;
	if (!a)
		return;
	*ap = NULL;
	free(a->name);
	free(a->store);
	free(a->options);
	free(a->ticket);
	free(a);
}

/* `env` shows the new ticket from now on; calls under way have copies of the old one. */
static void
account_set_ticket(struct session *s, ProtobufCBinaryData ticket, const Posthouse__Ticket *read, uint32_t renew_after_s)
{
	struct session_account *a = s->account;
	free(a->ticket);
	a->ticket = mem_strndup((const char *)ticket.data, ticket.len);
	s->env.ticket = span_of(a->ticket, ticket.len);
	a->expires_at = read->expires_at;
	a->renew_at = clock_mono_ms() + (int64_t)(renew_after_s ? renew_after_s : RENEW_USUALLY_S) * 1000;
}

/* Who came from where: the line that answers an abuse desk. */
static void
log_login(const struct session *s)
{
	const struct peer *peer = conn_peer(s->conn);
	const char *tls = conn_is_tls(s->conn) ? conn_tls_version(s->conn) : "no TLS";
	struct arena a;
	arena_init(&a, 0);
	log_info("%s: login of %s from %s port %u, %s, session %s", s->protocol->name, s->account->name,
	    peer_remote_text(peer, &a), peer->remote_port, *tls ? tls : "TLS", s->env.trace);
	arena_release(&a);
}

struct status
session_login(struct session *s, const Posthouse__LoginReply *reply)
{
	const Posthouse__Ticket *read = reply->account;
	if (!read || !reply->ticket.len)
		return status_make(STATUS_INTERNAL, "Login failed");
	ProtobufCService *store = frontend_store(s->frontend, span_str(read->store));
	if (!store) {
		log_error("the store \"%s\" of %s is not one of STORES", read->store, read->account);
		return status_make(STATUS_UNAVAILABLE, "The mail store of this account is not known here");
	}
	if (s->state != SESSION_NOT_AUTHENTICATED)
		return status_make(STATUS_INVALID, "Already logged in");
	s->account = MEM_NEW(struct session_account);
	s->account->name = mem_strdup(read->account);
	s->account->store = mem_strdup(read->store);
	s->account->options = mem_strdup(read->options);
	account_set_ticket(s, reply->ticket, read, reply->renew_after_s);
	s->env.store = store;
	session_set_state(s, SESSION_AUTHENTICATED);
	timer_update(s);
	log_login(s);
	return STATUS_FINE;
}

Posthouse__Peer *
session_peer(struct session *s, struct arena *a)
{
	const struct peer *peer = conn_peer(s->conn);
	Posthouse__Peer *p = ARENA_NEW(a, Posthouse__Peer);
	posthouse__peer__init(p);
	p->service = arena_printf(a, "%s%s", s->protocol->name, s->tls_from_start ? "s" : "");
	p->address = arena_strdup(a, peer_remote_text(peer, a));
	p->port = peer->remote_port;
	p->local_address = arena_strdup(a, peer_local_text(peer, a));
	p->tls = conn_is_tls(s->conn);
	p->tls_version = arena_strdup(a, conn_tls_version(s->conn));
	p->certificate_name = arena_strdup(a, conn_certificate_name(s->conn));
	p->frontend = arena_strdup(a, frontend_instance(s->frontend));
	return p;
}

/* --- renewal ------------------------------------------------------------------------- */

struct renewal {
	Posthouse__RenewRequest request;
	const Posthouse__RenewReply *reply;
};

static enum step
renewal_answered(struct task *t)
{
	struct renewal *f = task_frame(t);
	struct session *s = t->session;
	switch (t->status.code) {
	case STATUS_OK:
		if (f->reply->account && f->reply->ticket.len)
			account_set_ticket(s, f->reply->ticket, f->reply->account, f->reply->renew_after_s);
		break;
	case STATUS_DENIED:
	case STATUS_UNAUTHENTICATED:
	case STATUS_NOT_FOUND:
		log_info("%s: %s may no longer be logged in, session %s", s->protocol->name, s->account->name,
		    s->env.trace);
		session_bye(s, NULL, "Your session is over, please log in again");
		break;
	default:
		s->account->renew_at = clock_mono_ms() + RENEW_AGAIN_MS;
	}
	return task_end(t);
}

static enum step
renewal_start(struct task *t)
{
	struct renewal *f = TASK_FRAME(t, struct renewal);
	posthouse__renew_request__init(&f->request);
	f->request.peer = session_peer(t->session, &t->arena);
	return auth_renew(t, &f->request, &f->reply, renewal_answered);
}

static void
renewal_over(struct task *t)
{
	t->session->renewal = NULL;
	timer_update(t->session);
}

void
account_renew(struct session *s)
{
	if (s->renewal)
		return;
	s->renewal = task_new(&s->env, s, renewal_over);
	task_start(s->renewal, renewal_start);
}
