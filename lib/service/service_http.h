/*
 * service_http - what operators' machinery asks of a service, over HTTP
 *
 *	/metrics	counters, as OpenMetrics where the client says that it understands it
 *	/healthz	200 while the process answers
 *	/readyz		200 when it can do its work, else 503; in either case what is missing, and a second line
 *			"degraded: " when it works without something
 *
 * Runs on the loop given, and is no place for anybody but the machine's operator: it says who
 * we talk to, though never a name of an account.
 */
#ifndef SERVICE_SERVICE_HTTP_H
#define SERVICE_SERVICE_HTTP_H

#include <event2/event.h>

#include "base/status.h"
#include "service/service_standing.h"

struct service_http;

/* `standing` is borrowed, and asked on the loop. */
struct service_http *service_http_new(struct event_base *loop, const struct standing *standing);
/* `addresses`: "127.0.0.1:9100,[::1]:9100"; may be NULL or empty. The log says which one cannot be had. */
MUST_USE struct status service_http_listen(struct service_http *http, const char *addresses);
/* NULL is fine. */
void service_http_free(struct service_http **http);

#endif
