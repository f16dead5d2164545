/*
 * service_standing.c - is the service ready, and if so, what does it do without
 */
#include "service/service_standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "service/service_notify.h"

void
standing_release(struct standing *s)
{
	free(s->told);
	s->told = NULL;
}

const char *
standing_missing(const struct standing *s)
{
	if (s->draining)
		return "draining";
	return s->missing ? s->missing(s->missing_arg) : NULL;
}

bool
standing_enough(const struct standing *s)
{
	return !s->draining && s->enough && s->enough(s->missing_arg);
}

const char *
standing_degraded(const struct standing *s)
{
	return s->degraded ? s->degraded(s->degraded_arg) : NULL;
}

static void
tell_systemd(struct standing *s, const char *words)
{
	if (s->told && strcmp(s->told, words) == 0)
		return;
	free(s->told);
	s->told = mem_strdup(words);
	service_notify("STATUS=%s", words);
}

void
standing_tell(struct standing *s, struct rpc_server *server)
{
	const char *missing = standing_missing(s), *degraded = standing_degraded(s);

	if (server) {
		rpc_server_set_missing(server, &missing, missing ? 1 : 0);
		rpc_server_set_degraded(server, &degraded, degraded ? 1 : 0);
	}
	tell_systemd(s, missing ? missing : degraded ? degraded : "ready");
}
