/*
 * fetch.c - an HTTP server's answers, whole, over a few kept connections
 *
 * A connection of the pool is a handle of libcurl's, which keeps the real ones open as long as it may.
 */
#include "authsvc/oauth/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "authsvc/pool/pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

struct fetcher {
	const struct oauth_settings *settings;
	struct pool *pool;
};

static size_t
take_body(char *at, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;

	buf_add(&f->body, at, size * count);
	return f->body.full ? 0 : size * count;
}

static bool
set_settings(CURL *c, const struct oauth_settings *s)
{
	bool good = curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http") == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "posthouse-authsvc") == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;

	if (*s->ca_file)
		good = good && curl_easy_setopt(c, CURLOPT_CAINFO, s->ca_file) == CURLE_OK;
	return good;
}

static void *
connect_handle(void *arg, int64_t deadline)
{
	const struct fetcher *f = arg;
	CURL *c = curl_easy_init();

	(void)deadline;
	if (c && set_settings(c, f->settings))
		return c;
	log_error("OAuth: libcurl does not do what it is asked for");
	curl_easy_cleanup(c);
	return NULL;
}

static void
close_handle(void *connection)
{
	curl_easy_cleanup(connection);
}

static const struct pool_kind handles = { connect_handle, close_handle };

struct fetcher *
fetcher_new(const struct oauth_settings *settings)
{
	struct fetcher *f = MEM_NEW(struct fetcher);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	f->settings = settings;
	f->pool = pool_new("OAuth's server", &handles, f, settings->connections, settings->timeout_ms);
	return f;
}

void
fetcher_free(struct fetcher **f)
{
	if (!*f)
		return;
	pool_free(&(*f)->pool);
	free(*f);
	*f = NULL;
}

struct task {
	const struct oauth_settings *settings;
	struct fetch *fetch;
};

/* Who we are is told with what is posted: keys are public. */
static bool
set_request(CURL *c, const struct task *t, int64_t deadline)
{
	const struct fetch *f = t->fetch;
	const struct oauth_settings *s = t->settings;
	int64_t left = deadline - clock_mono_ms();
	bool good = curl_easy_setopt(c, CURLOPT_URL, f->url) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1)) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, t->fetch) == CURLE_OK;

	if (!f->form.at)
		return good && curl_easy_setopt(c, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	if (*s->client)
		good = good && curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
		    curl_easy_setopt(c, CURLOPT_USERNAME, s->client) == CURLE_OK &&
		    curl_easy_setopt(c, CURLOPT_PASSWORD, s->client_secret) == CURLE_OK;
	return good && curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)f->form.len) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->form.at) == CURLE_OK;
}

static bool
perform(void *task, void *connection, int64_t deadline)
{
	struct task *t = task;
	CURL *c = connection;
	CURLcode code = CURLE_FAILED_INIT;

	buf_reset(&t->fetch->body);
	if (set_request(c, t, deadline))
		code = curl_easy_perform(c);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &t->fetch->status);
	/* Nothing of this task stays behind in the handle. */
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(c, CURLOPT_USERNAME, NULL);
	curl_easy_setopt(c, CURLOPT_PASSWORD, NULL);
	if (code != CURLE_OK)
		log_error("OAuth: %s: %s", t->fetch->url, t->fetch->body.full ? "the answer is too long" :
		    curl_easy_strerror(code));
	return code == CURLE_OK;
}

bool
fetch(struct fetcher *f, struct fetch *task)
{
	struct task t = { f->settings, task };

	return pool_use(f->pool, perform, &t);
}
