/*
 * conn_binding_test.c - what a connection can be bound to is the same at both of its ends, and nowhere else
 */
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "base/test_folder.h"
#include "frontend/net/conn.h"
#include "frontend/net/tls_store.h"
#include "frontend/testing/certificate.h"

static struct test_folder folder;
static struct tls_store *store;
static struct arena arena;

/* A client's end, and ours. */
struct line {
	struct loop *loop;
	struct conn *conn;
	SSL *client;
	int fd;
	bool ready;
};

static void
on_ready(void *arg)
{
	((struct line *)arg)->ready = true;
}

static void
on_input(void *arg)
{
	(void)arg;
}

static void
on_closed(void *arg, const char *why)
{
	(void)arg, (void)why;
}

static const struct conn_events events = { on_ready, on_input, on_input, on_closed };

/* `options` of the client's; *session is used, and what there is afterwards. NULL: none. */
static void
line_open(struct line *l, SSL_CTX *context, int version, uint64_t options, SSL_SESSION **session)
{
	struct conn_tls tls = { store, "imap", true };
	struct peer peer = { 0 };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	*l = (struct line){ .loop = loop_new(0), .fd = ends[1], .client = SSL_new(context) };
	l->conn = conn_new(l->loop, ends[0], &tls, &peer, &events, l);
	SSL_set_fd(l->client, l->fd);
	SSL_set_max_proto_version(l->client, version);
	SSL_set_options(l->client, options);
	if (session && *session)
		SSL_set_session(l->client, *session);
	for (int i = 0; i < 200 && !(SSL_connect(l->client) == 1 && l->ready); i++)
		loop_run_for(l->loop, 1);
	assert_true(l->ready);
	if (session) {
		SSL_SESSION_free(*session);
		*session = SSL_get1_session(l->client);
	}
}

static void
line_close(struct line *l)
{
	SSL_shutdown(l->client);
	SSL_free(l->client);
	conn_free(&l->conn);
	loop_free(&l->loop);
	close(l->fd);
}

/* RFC 9266, as a client makes it. */
static struct span
exporter_of(SSL *client)
{
	unsigned char bytes[32];

	assert_int_equal(SSL_export_keying_material(client, bytes, sizeof(bytes), "EXPORTER-Channel-Binding", 24,
	    (const unsigned char *)"", 0, 1), 1);
	return arena_span(&arena, span_of(bytes, sizeof(bytes)));
}

static void
test_tls_13(void **state)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct line one, two;

	(void)state;
	line_open(&one, context, TLS1_3_VERSION, 0, NULL);
	line_open(&two, context, TLS1_3_VERSION, 0, NULL);
	assert_true(conn_can_bind(one.conn));
	assert_true(span_eq(conn_tls_exporter(one.conn, &arena), exporter_of(one.client)));
	assert_false(span_eq(conn_tls_exporter(one.conn, &arena), conn_tls_exporter(two.conn, &arena)));
	assert_int_equal(conn_tls_unique(one.conn, &arena).len, 0);
	line_close(&one);
	line_close(&two);
	SSL_CTX_free(context);
}

/* The first Finished is the client's, but the server's when a session is resumed. */
static void
test_tls_12(void **state)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL_SESSION *session = NULL;
	unsigned char finished[64];
	struct line l;

	(void)state;
	line_open(&l, context, TLS1_2_VERSION, 0, &session);
	assert_true(span_eq(conn_tls_exporter(l.conn, &arena), exporter_of(l.client)));
	size_t len = SSL_get_finished(l.client, finished, sizeof(finished));
	assert_true(len > 0 && span_eq(conn_tls_unique(l.conn, &arena), span_of(finished, len)));
	line_close(&l);

	line_open(&l, context, TLS1_2_VERSION, 0, &session);
	assert_true(SSL_session_reused(l.client));
	len = SSL_get_peer_finished(l.client, finished, sizeof(finished));
	assert_true(len > 0 && span_eq(conn_tls_unique(l.conn, &arena), span_of(finished, len)));
	line_close(&l);
	SSL_SESSION_free(session);
	SSL_CTX_free(context);
}

static void
test_nothing_to_bind_to(void **state)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct line l;
	int ends[2];

	(void)state;
	line_open(&l, context, TLS1_2_VERSION, SSL_OP_NO_EXTENDED_MASTER_SECRET, NULL);
	assert_false(conn_can_bind(l.conn));
	assert_int_equal(conn_tls_exporter(l.conn, &arena).len, 0);
	assert_int_equal(conn_tls_unique(l.conn, &arena).len, 0);
	line_close(&l);
	SSL_CTX_free(context);

	struct peer peer = { 0 };
	struct conn_tls tls = { store, "imap", false };
	struct loop *loop = loop_new(0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	struct conn *conn = conn_new(loop, ends[0], &tls, &peer, &events, &l);
	assert_false(conn_can_bind(conn));
	conn_free(&conn);
	loop_free(&loop);
	close(ends[1]);
}

static int
setup(void **state)
{
	static char file[128];
	static struct tls_settings settings = { .certfile = file };

	(void)state;
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	snprintf(file, sizeof(file), "%s/cert.pem", folder.path);
	certificate_write(file, "localhost");
	return status_ok(tls_store_new(&settings, &store)) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	tls_store_free(&store);
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls_13),
		cmocka_unit_test(test_tls_12),
		cmocka_unit_test(test_nothing_to_bind_to),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
