/*
 * session_metrics - how many sessions there are, and in which state
 */
#include "frontend/session/session_private.h"
#include "metrics/metrics.h"

static struct metric sessions = {
	.name = "posthouse_sessions", .kind = METRIC_GAUGE,
	.help = "Connected clients, by protocol and by how far they have come.",
	.labels = { "protocol", "state" },
};
METRIC_REGISTER(sessions);

static struct metric connections = {
	.name = "posthouse_connections", .kind = METRIC_COUNTER,
	.help = "Connections from clients, by protocol; security is tls where TLS comes first.",
	.labels = { "protocol", "security" },
};
METRIC_REGISTER(connections);

static struct metric refused = {
	.name = "posthouse_connections_refused", .kind = METRIC_COUNTER,
	.help = "Connections turned away because of a limit.", .labels = { "protocol" },
};
METRIC_REGISTER(refused);

const char *
session_state_name(const struct session *s)
{
	switch (s->state) {
	case SESSION_NOT_AUTHENTICATED:
		return "not authenticated";
	case SESSION_AUTHENTICATED:
		return "authenticated";
	case SESSION_SELECTED:
		return "selected";
	case SESSION_LOGOUT:
		break;
	}
	return "logout";
}

void
session_count(const struct session *s, int change)
{
	metric_add_at(&sessions, s->protocol->name, session_state_name(s), change);
	if (change < 0)
		return;
	metric_add_at(&connections, s->protocol->name, s->tls_from_start ? "tls" : "plain", 1);
}

void
session_count_refused(const struct session *s)
{
	metric_add_at(&refused, s->protocol->name, NULL, 1);
}

void
session_set_state(struct session *s, enum session_state state)
{
	metric_add_at(&sessions, s->protocol->name, session_state_name(s), -1);
	s->state = state;
	metric_add_at(&sessions, s->protocol->name, session_state_name(s), 1);
}
