#include "frontend/testing/harness_client.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

enum { PATIENCE_MS = 5000, TURN_MS = 2 };

struct client {
	struct harness *harness;
	SSL_CTX *tls_context;
	SSL *tls;
	struct buf in;
	size_t taken;		/* of `in` */
	int fd;
	bool ended;
};

struct client *
client_new(struct harness *h, int take_fd)
{
	struct client *c = MEM_NEW(struct client);
	c->harness = h;
	c->fd = take_fd;
	buf_init(&c->in, 0);
	return c;
}

void
client_free(struct client **cp)
{
	struct client *c = *cp;
	if (!c)
		return;
	*cp = NULL;
	SSL_free(c->tls);
	SSL_CTX_free(c->tls_context);
	buf_release(&c->in);
	close(c->fd);
	harness_run(c->harness, TURN_MS);
	free(c);
}

/* --- reading -------------------------------------------------------------------------- */

static void
client_receive(struct client *c)
{
	char *at = buf_reserve(&c->in, 65536);
	if (c->tls) {
		int n = SSL_read(c->tls, at, 65536);
		int error = n > 0 ? SSL_ERROR_NONE : SSL_get_error(c->tls, n);
		c->ended |= error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL || error == SSL_ERROR_SSL;
		buf_commit(&c->in, n > 0 ? (size_t)n : 0);
		return;
	}
	ssize_t n = recv(c->fd, at, 65536, 0);
	c->ended |= n == 0 || (n < 0 && errno != EAGAIN);
	buf_commit(&c->in, n > 0 ? (size_t)n : 0);
}

static struct span
client_unread(const struct client *c)
{
	return span_skip(buf_view(&c->in), c->taken);
}

static void
client_turn(struct client *c)
{
	harness_run(c->harness, TURN_MS);
	client_receive(c);
}

const char *
client_line(struct client *c)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	for (;;) {
		struct span in = client_unread(c);
		size_t end = span_index(in, '\n');
		if (end < in.len) {
			assert_true(end > 0 && in.at[end - 1] == '\r');
			c->in.at[c->taken + end - 1] = '\0';
			c->taken += end + 1;
			return in.at;
		}
		if (c->ended)
			fail_msg("the connection was closed");
		if (clock_mono_ms() > until)
			fail_msg("no line came; there is \"%.*s\"", (int)in.len, in.at);
		client_turn(c);
	}
}

struct span
client_bytes(struct client *c, size_t len)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (client_unread(c).len < len) {
		assert_false(c->ended);
		assert_true(clock_mono_ms() < until);
		client_turn(c);
	}
	struct span bytes = span_head(client_unread(c), len);
	c->taken += len;
	return bytes;
}

static bool
line_matches(const char *pattern, const char *line, bool first)
{
	if (*pattern == '*' && !first) {
		for (; ; line++) {
			if (line_matches(pattern + 1, line, false))
				return true;
			if (!*line)
				return false;
		}
	}
	if (*pattern != *line)
		return false;
	return !*pattern || line_matches(pattern + 1, line + 1, false);
}

void
client_expect(struct client *c, const char *pattern)
{
	const char *line = client_line(c);
	if (!line_matches(pattern, line, true))
		fail_msg("expected \"%s\", got \"%s\"", pattern, line);
}

void
client_expect_later(struct client *c, const char *pattern)
{
	while (!line_matches(pattern, client_line(c), true))
		;
}

void
client_expect_silence(struct client *c, int ms)
{
	harness_run(c->harness, ms);
	client_receive(c);
	struct span in = client_unread(c);
	if (in.len)
		fail_msg("expected silence, got \"%.*s\"", (int)in.len, in.at);
}

void
client_expect_end(struct client *c)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (!c->ended) {
		assert_true(clock_mono_ms() < until);
		client_turn(c);
	}
	struct span in = client_unread(c);
	if (in.len)
		fail_msg("expected the end, got \"%.*s\"", (int)in.len, in.at);
}

void
client_stall(struct client *c, int ms)
{
	harness_run(c->harness, ms);
}

/* --- writing ---------------------------------------------------------------------------- */

void
client_send_bytes(struct client *c, const void *bytes, size_t len)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	for (const char *at = bytes; len; ) {
		ssize_t n = c->tls ? SSL_write(c->tls, at, (int)(len < 16384 ? len : 16384))
		    : send(c->fd, at, len, MSG_NOSIGNAL);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
			continue;
		}
		assert_true(clock_mono_ms() < until);
		client_turn(c);
		if (c->ended)
			return;
	}
}

void
client_send(struct client *c, const char *text)
{
	client_send_bytes(c, text, strlen(text));
}

void
client_half_close(struct client *c)
{
	shutdown(c->fd, SHUT_WR);
}

void
client_start_tls(struct client *c)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	c->tls_context = SSL_CTX_new(TLS_client_method());
	c->tls = SSL_new(c->tls_context);
	SSL_set_fd(c->tls, c->fd);
	while (SSL_connect(c->tls) != 1) {
		assert_true(clock_mono_ms() < until);
		harness_run(c->harness, TURN_MS);
	}
}
