/*
 * service_http.c - three pages, served by libevent's evhttp
 */
#include "service/service_http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "metrics/metrics.h"

enum { TIMEOUT_S = 10, MAX_HEADERS = 8192, MAX_BODY = 1024, PORT_MAX = 65535 };

#define OPENMETRICS_TYPE "application/openmetrics-text"

struct service_http {
	struct evhttp *server;
	const struct standing *standing;
};

/* ---- pages ---- */

static void
reply(struct evhttp_request *request, int code, const char *type, struct span body)
{
	struct evbuffer *out = evbuffer_new();
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	assert_that(out && evbuffer_add(out, body.at, body.len) == 0);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_send_reply(request, code, code == HTTP_OK ? "OK" : NULL, out);
	evbuffer_free(out);
}

static void
reply_text(struct evhttp_request *request, int code, struct span text)
{
	reply(request, code, "text/plain; charset=utf-8", text);
}

static void
page_metrics(struct evhttp_request *request, void *arg)
{
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");
	bool open = accept && strstr(accept, OPENMETRICS_TYPE);
	struct buf body;

	(void)arg;
	buf_init(&body, 0);
	metrics_render(&body, open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS);
	reply(request, HTTP_OK, open ? OPENMETRICS_TYPE "; version=1.0.0; charset=utf-8" :
	    "text/plain; version=0.0.4; charset=utf-8", buf_view(&body));
	buf_release(&body);
}

static void
page_health(struct evhttp_request *request, void *arg)
{
	(void)arg;
	reply_text(request, HTTP_OK, SPAN_LIT("alive\n"));
}

static void
page_ready(struct evhttp_request *request, void *arg)
{
	const struct service_http *http = arg;
	const char *missing = standing_missing(http->standing), *degraded = standing_degraded(http->standing);
	struct buf body;

	bool ready = !missing || standing_enough(http->standing);

	buf_init(&body, 0);
	if (ready)
		buf_str(&body, missing ? "ready, but " : "ready\n");
	if (missing)
		buf_printf(&body, "missing: %s\n", missing);
	if (degraded)
		buf_printf(&body, "degraded: %s\n", degraded);
	reply_text(request, ready ? HTTP_OK : HTTP_SERVUNAVAIL, buf_view(&body));
	buf_release(&body);
}

static void
page_unknown(struct evhttp_request *request, void *arg)
{
	(void)arg;
	reply_text(request, HTTP_NOTFOUND, SPAN_LIT("there are /metrics, /healthz and /readyz\n"));
}

/* ---- life ---- */

struct service_http *
service_http_new(struct event_base *loop, const struct standing *standing)
{
	struct service_http *http = MEM_NEW(struct service_http);

	http->standing = standing;
	http->server = evhttp_new(loop);
	assert_that(http->server);
	evhttp_set_timeout(http->server, TIMEOUT_S);
	evhttp_set_max_headers_size(http->server, MAX_HEADERS);
	evhttp_set_max_body_size(http->server, MAX_BODY);
	evhttp_set_allowed_methods(http->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_cb(http->server, "/metrics", page_metrics, http);
	evhttp_set_cb(http->server, "/healthz", page_health, http);
	evhttp_set_cb(http->server, "/readyz", page_ready, http);
	evhttp_set_gencb(http->server, page_unknown, http);
	return http;
}

void
service_http_free(struct service_http **http)
{
	if (!*http)
		return;
	evhttp_free((*http)->server);
	free(*http);
	*http = NULL;
}

/* host:port, where an IPv6 host stands in brackets. False: it is not. */
static bool
split_address(char *address, const char **out_host, uint16_t *out_port)
{
	char *colon = strrchr(address, ':'), *end;
	size_t len;

	if (!colon)
		return false;
	errno = 0;
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (errno || end == colon + 1 || *end || port == 0 || port > PORT_MAX)
		return false;
	*colon = '\0';
	len = strlen(address);
	if (len > 2 && address[0] == '[' && address[len - 1] == ']') {
		address[len - 1] = '\0';
		address++;
	} else if (!len || strchr(address, ':')) {
		return false;
	}
	*out_host = address;
	*out_port = (uint16_t)port;
	return true;
}

static struct status
listen_on(struct service_http *http, char *address)
{
	const char *host;
	uint16_t port;

	if (!split_address(address, &host, &port)) {
		log_error("HTTP_LISTEN: %s is not of the form address:port", address);
		return status_make(STATUS_INVALID, "Malformed address");
	}
	if (!evhttp_bind_socket_with_handle(http->server, host, port)) {
		log_error("HTTP_LISTEN: cannot listen on %s, port %u: %s", host, port, strerror(errno));
		return status_make(STATUS_UNAVAILABLE, "Address cannot be had");
	}
	log_info("metrics and health on %s, port %u", host, port);
	return STATUS_FINE;
}

struct status
service_http_listen(struct service_http *http, const char *addresses)
{
	struct span rest = span_str(addresses ? addresses : "");
	struct status st = STATUS_FINE;

	while (rest.at && status_ok(st)) {
		struct span one = span_trim(span_cut(&rest, ','));
		if (!one.len)
			continue;
		char *address = mem_strndup(one.at, one.len);
		st = listen_on(http, address);
		free(address);
	}
	return st;
}
