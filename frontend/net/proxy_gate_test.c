#include "frontend/net/proxy_gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"

enum { PATIENCE_MS = 300 };

/* The gate, and what came through it last. */
struct fixture {
	struct loop *loop;
	struct proxy_gate *gate;
	unsigned passed;
	struct peer peer;
	char rest[64];			/* what is in the socket behind the header */
};

static void
gate_passed(void *arg, int take_fd, struct peer *take_peer)
{
	struct fixture *f = arg;
	f->passed++;
	f->peer = *take_peer;
	peer_release(&f->peer);
	ssize_t len = recv(take_fd, f->rest, sizeof(f->rest) - 1, MSG_DONTWAIT);
	f->rest[len > 0 ? len : 0] = '\0';
	close(take_fd);
}

static int
setup(void **state)
{
	static struct fixture f;
	f = (struct fixture){ .loop = loop_new(0) };
	f.gate = proxy_gate_new(f.loop, "imap", PATIENCE_MS, gate_passed, &f);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	proxy_gate_free(&f->gate);
	loop_free(&f->loop);
	return 0;
}

/* A connection from 10.0.0.9; our end of it. */
static int
connect_proxy(struct fixture *f)
{
	int ends[2];
	struct peer hop = { .remote_port = 1000 };
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.9", &hop.remote), 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	proxy_gate_take(f->gate, ends[0], &hop);
	return ends[1];
}

static void
say(struct fixture *f, int fd, struct span bytes)
{
	assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
	loop_run_for(f->loop, 2);
}

static bool
is_closed(int fd)
{
	char c;
	ssize_t len = read(fd, &c, 1);
	return len == 0 || (len < 0 && errno == ECONNRESET);	/* with bytes of ours unread */
}

static const char *
remote_of(const struct peer *p)
{
	static char text[64];
	struct arena a;
	arena_init(&a, 0);
	snprintf(text, sizeof(text), "%s:%u", peer_remote_text(p, &a), p->remote_port);
	arena_release(&a);
	return text;
}

static const struct span header = SPAN_LIT("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993\r\n");

static void
test_passes_with_what_follows(void **state)
{
	struct fixture *f = *state;
	int fd = connect_proxy(f);
	say(f, fd, SPAN_LIT("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993\r\na NOOP\r\n"));
	assert_int_equal(f->passed, 1);
	assert_string_equal(remote_of(&f->peer), "192.0.2.1:40000");
	assert_true(f->peer.distant);
	assert_string_equal(f->rest, "a NOOP\r\n");
	close(fd);
}

static void
test_passes_byte_by_byte(void **state)
{
	struct fixture *f = *state;
	int fd = connect_proxy(f);
	for (size_t i = 0; i < header.len; i++) {
		assert_int_equal(f->passed, 0);
		say(f, fd, span_of(header.at + i, 1));
	}
	assert_int_equal(f->passed, 1);
	assert_string_equal(remote_of(&f->peer), "192.0.2.1:40000");
	assert_string_equal(f->rest, "");
	close(fd);
}

static void
test_the_proxys_own(void **state)
{
	struct fixture *f = *state;
	int fd = connect_proxy(f);
	say(f, fd, SPAN_LIT("\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0"));
	assert_int_equal(f->passed, 1);
	assert_string_equal(remote_of(&f->peer), "10.0.0.9:1000");
	close(fd);
}

static void
test_refuses(void **state)
{
	static const struct span bad[] = {
		SPAN_LIT("a LOGIN alice secret\r\n"),
		SPAN_LIT("\x16\x03\x01\x02"),
		/* speaks HTTP with the client */
		SPAN_LIT("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x13\xc0\0\x02\x01\xc6\x33\x64\x01\x9c\x40\x03\xe1\x01\0\x04http"),
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		int fd = connect_proxy(f);
		say(f, fd, bad[i]);
		assert_true(is_closed(fd));
		close(fd);
	}
	assert_int_equal(f->passed, 0);
}

/* Bytes that trickle in do not buy time. */
static void
test_too_late(void **state)
{
	struct fixture *f = *state;
	int fd = connect_proxy(f), silent = connect_proxy(f);
	int64_t begun = clock_mono_ms();
	for (size_t i = 0; i < header.len && !is_closed(fd); i++) {
		if (write(fd, header.at + i, 1) < 0)
			break;
		loop_run_for(f->loop, PATIENCE_MS / 10);
	}
	assert_true(is_closed(fd));
	assert_true(is_closed(silent));
	assert_true(clock_mono_ms() - begun >= PATIENCE_MS / 2);	/* the loop's clock is coarse */
	assert_int_equal(f->passed, 0);
	close(fd);
	close(silent);
}

static void
test_gone_and_freed(void **state)
{
	struct fixture *f = *state;
	int fd = connect_proxy(f), other = connect_proxy(f);
	say(f, fd, SPAN_LIT("PROXY TC"));
	close(fd);
	loop_run_for(f->loop, 2);
	proxy_gate_free(&f->gate);
	assert_true(is_closed(other));
	assert_int_equal(f->passed, 0);
	close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_passes_with_what_follows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_passes_byte_by_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_proxys_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone_and_freed, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
