/*
 * Addresses, the loop's queue
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frontend/net/listener.h"
#include "frontend/net/loop.h"
#include "frontend/net/peer.h"
#include "frontend/net/proxy_header.h"

/* --- peers --------------------------------------------------------------------------- */

static struct peer
peer_from(const char *remote, const char *local)
{
	struct peer p = { 0 };
	assert_int_equal(inet_pton(AF_INET6, remote, &p.remote), 1);
	assert_int_equal(inet_pton(AF_INET6, local, &p.local), 1);
	return p;
}

static const struct {
	const char *remote, *local, *text;
	bool loopback;
} peer_rows[] = {
	{ "::ffff:127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1", true },
	{ "::ffff:127.9.9.9", "::ffff:127.0.0.1", "127.9.9.9", true },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", "192.0.2.1", false },
	{ "::1", "::1", "::1", true },
	{ "2001:db8::1", "2001:db8::2", "2001:db8::1", false },
	{ "::", "::", "::", false },
};

static void
test_peers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(peer_rows) / sizeof(peer_rows[0]); i++) {
		struct peer p = peer_from(peer_rows[i].remote, peer_rows[i].local);
		struct arena a;
		arena_init(&a, 0);
		assert_string_equal(peer_remote_text(&p, &a), peer_rows[i].text);
		assert_int_equal(peer_is_loopback(&p), peer_rows[i].loopback);
		arena_release(&a);
	}
}

/* What a proxy tells replaces what the socket tells; a distant one's word makes nobody local. */
static void
test_peers_behind_a_proxy(void **state)
{
	struct peer near = peer_from("::1", "::1"), far = peer_from("::ffff:10.0.0.9", "::ffff:10.0.0.1");
	struct peer told = peer_from("::ffff:127.0.0.1", "::ffff:198.51.100.1");
	struct proxy_header header = { .has_addresses = true, .source = told.remote, .destination = told.local,
	    .source_port = 40000, .destination_port = 993, .tls = true,
	    .tls_version = SPAN_LIT("TLSv1.2"), .certificate_name = SPAN_LIT("al\nice") };
	(void)state;

	struct peer p = peer_of_proxy(&header, &near);
	assert_memory_equal(&p.remote, &told.remote, sizeof(p.remote));
	assert_int_equal(p.remote_port, 40000);
	assert_true(peer_is_loopback(&p));
	assert_string_equal(p.tls->version, "TLSv1.2");
	assert_string_equal(p.tls->certificate_name, "");	/* no name is like that */
	peer_release(&p);
	assert_null(p.tls);

	header.tls = false;
	p = peer_of_proxy(&header, &far);
	assert_false(peer_is_loopback(&p));
	assert_null(p.tls);

	header.has_addresses = false;
	p = peer_of_proxy(&header, &near);
	assert_memory_equal(&p.remote, &near.remote, sizeof(p.remote));
	assert_true(peer_is_loopback(&p));
}

/* --- listeners ---------------------------------------------------------------------------- */

static void
accepted(void *arg, int take_fd)
{
	unsigned *count = arg;
	struct peer p = peer_of_socket(take_fd);
	assert_true(peer_is_loopback(&p));
	++*count;
	close(take_fd);
}

static void
test_listeners(void **state)
{
	struct loop *loop = loop_new(0);
	struct listener *l;
	unsigned count = 0;
	(void)state;
	assert_true(status_ok(listener_new(loop, "", LISTENER_ALONE, accepted, &count, &l)));
	assert_null(l);
	assert_int_equal(listener_new(loop, "127.0.0.1", LISTENER_ALONE, accepted, &count, &l).code, STATUS_UNAVAILABLE);
	assert_int_equal(listener_new(loop, "127.0.0.1:99999", LISTENER_ALONE, accepted, &count, &l).code, STATUS_UNAVAILABLE);
	assert_int_equal(listener_new(loop, "192.0.2.77:1", LISTENER_ALONE, accepted, &count, &l).code, STATUS_UNAVAILABLE);
	assert_true(status_ok(listener_new(loop, "127.0.0.1:0, 127.0.0.1:0", LISTENER_ALONE, accepted, &count, &l)));
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)listener_port(l)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	/* Its port is not to be had by accident, only on purpose: the loops of one process share it. */
	char taken[32];
	struct listener *other;
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", listener_port(l));
	assert_int_equal(listener_new(loop, taken, LISTENER_ALONE, accepted, &count, &other).code, STATUS_UNAVAILABLE);
	assert_true(status_ok(listener_new(loop, taken, LISTENER_SHARED, accepted, &count, &other)));
	int clients[100];
	for (int i = 0; i < 100; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(clients[i], (struct sockaddr *)&to, sizeof(to)), 0);
	}
	loop_run_for(loop, 20);
	assert_int_equal(count, 100);
	for (int i = 0; i < 100; i++)
		close(clients[i]);
	listener_free(&other);
	listener_free(&l);
	loop_free(&loop);
}

/* --- work from other threads ------------------------------------------------------------------ */

enum { POSTERS = 4, POSTS = 5000 };

struct poster {
	struct loop *loop;
	unsigned posted, run;
	struct post { struct poster *by; unsigned number; } posts[POSTS];
};

static void
work(void *arg)
{
	struct post *p = arg;
	assert_int_equal(p->number, p->by->run);	/* in order of posting */
	p->by->run++;
}

static void *
post_many(void *arg)
{
	struct poster *p = arg;
	for (unsigned i = 0; i < POSTS; i++) {
		p->posts[i] = (struct post){ p, i };
		loop_post(p->loop, work, &p->posts[i]);
	}
	return NULL;
}

static void
test_posting(void **state)
{
	static struct poster posters[POSTERS];
	struct loop *loop = loop_new(0);
	pthread_t threads[POSTERS];
	(void)state;
	for (int i = 0; i < POSTERS; i++) {
		posters[i] = (struct poster){ .loop = loop };
		pthread_create(&threads[i], NULL, post_many, &posters[i]);
	}
	loop_run_for(loop, 20);
	for (int i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	loop_free(&loop);	/* what is left is run here */
	for (int i = 0; i < POSTERS; i++)
		assert_int_equal(posters[i].run, POSTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_peers_behind_a_proxy),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_posting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
