/*
 * proxy_gate - reading exactly one header
 *
 * What has come is looked at without taking it out of the socket. If the header goes on behind it, all of it belongs to the
 * header and is taken, so that the socket is quiet until more comes; at the end exactly the rest of the header is taken.
 */
#include "frontend/net/proxy_gate.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "frontend/net/proxy_header.h"
#include "metrics/metrics.h"

static struct metric headers = {
	.name = "posthouse_proxy_headers", .kind = METRIC_COUNTER,
	.help = "Connections from proxies, by what their PROXY header was: client, none (their own, for a check), bad, late, lost.",
	.labels = { "header" },
};
METRIC_REGISTER(headers);

struct waiting {
	struct proxy_gate *gate;
	struct waiting *next, *prev;
	struct event *readable, *late;
	struct peer hop;
	struct buf header;		/* what has been taken of it */
	int fd;
};

struct proxy_gate {
	struct loop *loop;
	const char *protocol;
	struct timeval patience;
	proxy_gate_fn *passed;
	void *arg;
	struct waiting *waiting;	/* doubly linked list */
};

/* Its fd stays open. */
static int
waiting_detach(struct waiting *w)
{
	int fd = w->fd;
	if (w->prev)
		w->prev->next = w->next;
	else
		w->gate->waiting = w->next;
	if (w->next)
		w->next->prev = w->prev;
	event_free(w->readable);
	event_free(w->late);
	buf_release(&w->header);
	free(w);
	return fd;
}

static void
waiting_refuse(struct waiting *w, const char *label, const char *why)
{
	struct arena a;
	arena_init(&a, 0);
	log_warn("proxy: connection from %s refused: %s", peer_remote_text(&w->hop, &a), why);
	arena_release(&a);
	metric_add_at(&headers, label, NULL, 1);
	close(waiting_detach(w));
}

/* Connecting and going away again is how a simple check looks: no reason to complain. */
static void
waiting_lost(struct waiting *w)
{
	metric_add_at(&headers, "lost", NULL, 1);
	close(waiting_detach(w));
}

/* `rest` bytes of the header are still in the socket. */
static void
waiting_pass(struct waiting *w, const struct proxy_header *header, size_t rest)
{
	struct proxy_gate *g = w->gate;
	struct peer peer;
	if (header->alpn.len && !span_eq(header->alpn, span_str(g->protocol))) {
		waiting_refuse(w, "bad", "it agreed on another protocol with the client");
		return;
	}
	if (recv(w->fd, loop_scratch(g->loop), rest, 0) != (ssize_t)rest) {
		waiting_lost(w);
		return;
	}
	metric_add_at(&headers, header->has_addresses ? "client" : "none", NULL, 1);
	peer = peer_of_proxy(header, &w->hop);
	g->passed(g->arg, waiting_detach(w), &peer);
}

static void
waiting_look(struct waiting *w, size_t len)
{
	struct proxy_header header;
	size_t taken = w->header.len;
	buf_add(&w->header, loop_scratch(w->gate->loop), len);
	struct span in = buf_view(&w->header);
	switch (proxy_header_parse(&in, &header)) {
	case PROXY_OK:
		waiting_pass(w, &header, w->header.len - in.len - taken);
		break;
	case PROXY_MORE:
		if (recv(w->fd, loop_scratch(w->gate->loop), len, 0) != (ssize_t)len)
			waiting_lost(w);
		break;
	case PROXY_BAD:
		waiting_refuse(w, "bad", "it did not begin with a PROXY header");
		break;
	}
}

static void
waiting_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	waiting_refuse(arg, "late", "no PROXY header came in time");
}

static void
waiting_readable(evutil_socket_t fd, short what, void *arg)
{
	struct waiting *w = arg;
	(void)what;
	ssize_t len = recv(fd, loop_scratch(w->gate->loop), PROXY_HEADER_MAX, MSG_PEEK);
	if (len > 0)
		waiting_look(w, (size_t)len);
	else if (len == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		waiting_lost(w);
}

/* --- the gate ------------------------------------------------------------------------------- */

struct proxy_gate *
proxy_gate_new(struct loop *loop, const char *protocol, int64_t patience_ms, proxy_gate_fn *passed, void *arg)
{
	struct proxy_gate *g = MEM_NEW(struct proxy_gate);
	g->loop = loop;
	g->protocol = protocol;
	g->patience = (struct timeval){ patience_ms / 1000, patience_ms % 1000 * 1000 };
	g->passed = passed;
	g->arg = arg;
	return g;
}

void
proxy_gate_free(struct proxy_gate **gp)
{
	struct proxy_gate *g = *gp;
	if (!g)
		return;
	*gp = NULL;
	for (struct waiting *w = g->waiting, *next; w; w = next) {
		next = w->next;
		close(waiting_detach(w));
	}
	free(g);
}

void
proxy_gate_take(struct proxy_gate *g, int take_fd, const struct peer *hop)
{
	struct waiting *w = MEM_NEW(struct waiting);
	w->gate = g;
	w->fd = take_fd;
	w->hop = *hop;
	buf_init(&w->header, 0);
	w->next = g->waiting;
	if (w->next)
		w->next->prev = w;
	g->waiting = w;
	w->readable = event_new(loop_base(g->loop), take_fd, EV_READ | EV_PERSIST, waiting_readable, w);
	w->late = evtimer_new(loop_base(g->loop), waiting_late, w);
	event_add(w->readable, NULL);
	evtimer_add(w->late, &g->patience);
}
