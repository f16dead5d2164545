/*
 * Framing, literals, pipelining, limits, TLS and goodbyes, with a protocol made for it:
 *
 *	echo TEXT		the command comes back, its length first
 *	take {n}		a streamed literal; its length and sum come back
 *	leave {n}		a streamed literal that nobody reads
 *	next			the following line comes back
 *	sleep TEXT		as echo, after 100 ms
 *	flood N			N KiB come back, at the client's pace
 *	login, tls, bad, quit
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "frontend/session/session.h"
#include "frontend/testing/harness.h"

struct frame {
	struct span piece, line;
	uint64_t taken, sum;
	unsigned blocks;
	Posthouse__LoginRequest request;
	const Posthouse__LoginReply *reply;
};

static enum step
echo_it(struct task *t)
{
	struct session *s = t->session;
	session_printf(s, "%zu%s ", t->input.len, s->oversize ? " oversize" : "");
	if (!s->oversize)
		session_write(s, t->input);
	else
		session_write(s, SPAN_LIT("\r\n"));
	return task_end(t);
}

static enum step
take_piece(struct task *t)
{
	struct frame *f = task_frame(t);
	for (size_t i = 0; i < f->piece.len; i++)
		f->sum += (unsigned char)f->piece.at[i];
	f->taken += f->piece.len;
	if (f->piece.len)
		return session_literal(t, &f->piece, take_piece);
	session_printf(t->session, "took %llu sum %llu\r\n", (unsigned long long)f->taken, (unsigned long long)f->sum);
	return task_end(t);
}

static enum step
next_read(struct task *t)
{
	struct frame *f = task_frame(t);
	session_printf(t->session, "%s <%.*s>\r\n", status_ok(t->status) ? "line" : "too long",
	    (int)f->line.len, f->line.at);
	return task_end(t);
}

static enum step
flood_more(struct task *t)
{
	struct frame *f = task_frame(t);
	char *block = mem_alloc(256 * 1024);
	if (!f->blocks--) {
		free(block);
		session_write(t->session, SPAN_LIT("end\r\n"));
		return task_end(t);
	}
	memset(block, 'x', 256 * 1024);
	conn_write_ref(t->session->conn, span_of(block, 256 * 1024), free, block);
	assert_true(conn_unsent(t->session->conn) <= CONN_HIGH_WATER + 256 * 1024);
	return task_drain(t, flood_more);
}

static enum step
login_answered(struct task *t)
{
	struct frame *f = task_frame(t);
	struct status status = t->status;
	if (status_ok(status))
		status = session_login(t->session, f->reply);
	session_printf(t->session, "login %s\r\n", status_name(status.code));
	return task_end(t);
}

static enum step
login_start(struct task *t, struct frame *f)
{
	static char user[] = "alice", password[] = "alice-demo";
	posthouse__login_request__init(&f->request);
	f->request.user = user;
	f->request.password = (ProtobufCBinaryData){ strlen(password), (uint8_t *)password };
	f->request.peer = session_peer(t->session, &t->arena);
	return auth_login(t, &f->request, &f->reply, login_answered);
}

static enum step
test_start(struct task *t)
{
	struct session *s = t->session;
	struct frame *f = TASK_FRAME(t, struct frame);
	struct span rest = span_trim(t->input), verb = span_cut(&rest, ' ');
	uint64_t n = 0;
	if (s->oversize || span_eq(verb, SPAN_LIT("echo")))
		return echo_it(t);
	if (span_eq(verb, SPAN_LIT("take")))
		return session_literal(t, &f->piece, take_piece);
	if (span_eq(verb, SPAN_LIT("next")))
		return session_line(t, &f->line, next_read);
	if (span_eq(verb, SPAN_LIT("sleep")))
		return task_sleep(t, 100, echo_it);
	if (span_eq(verb, SPAN_LIT("login")))
		return login_start(t, f);
	if (span_eq(verb, SPAN_LIT("flood"))) {
		assert_true(span_number(rest, 100000, &n));
		f->blocks = (unsigned)n / 256;
		return flood_more(t);
	}
	if (span_eq(verb, SPAN_LIT("tls")))
		session_start_tls(s);
	if (span_eq(verb, SPAN_LIT("quit")))
		session_logout(s);
	if (span_eq(verb, SPAN_LIT("bad")) && session_bad_command(s))
		return task_end(t);
	session_printf(s, "did %.*s\r\n", (int)verb.len, verb.at);
	return task_end(t);
}

static void
test_greet(struct session *s)
{
	session_printf(s, "hello%s\r\n", session_plaintext_ok(s) ? "" : " remote");
}

static enum literal_choice
test_literal(struct session *s, struct span so_far, uint64_t size)
{
	(void)s, (void)size;
	bool stream = span_starts(so_far, SPAN_LIT("take")) || span_starts(so_far, SPAN_LIT("leave"));
	return stream ? LITERAL_STREAM : LITERAL_COLLECT;
}

static void
test_bye(struct session *s, const char *code, const char *text)
{
	session_printf(s, "bye %s %s\r\n", code ? code : "-", text);
}

static const struct session_protocol protocol = {
	.name = "test", .literals = true,
	.greet = test_greet, .literal = test_literal, .start = test_start, .bye = test_bye,
};

/* --- rows: what is sent, what comes ---------------------------------------------------------- */

static const struct {
	const char *send, *want;
} rows[] = {
	{ "echo a\r\n", "8 echo a\r\n" },
	{ "echo a\n", "7 echo a\n" },
	{ "echo a\r\nsleep b\r\necho c\r\n", "8 echo a\r\n9 sleep b\r\n8 echo c\r\n" },
	{ "echo {3+}\r\nabc d\r\n", "18 echo {3+}\r\nabc d\r\n" },
	{ "echo {3+}\r\na\r\n d\r\n", "18 echo {3+}\r\na\r\n d\r\n" },
	{ "echo {0+}\r\n{2+}\r\nxy\r\n", "21 echo {0+}\r\n{2+}\r\nxy\r\n" },
	{ "echo {3}\r\nabc d\r\n", "+ OK\r\n17 echo {3}\r\nabc d\r\n" },
	{ "echo {3x}\r\n", "11 echo {3x}\r\n" },
	{ "echo {+}\r\n", "10 echo {+}\r\n" },
	/* more than a number holds: the bytes that follow are no commands, and the client is sent away */
	{ "echo {99999999999999999999+}\r\necho z\r\n", "30 oversize \r\nbye - Too much data\r\n" },
	{ "echo {99999999999999999999}\r\necho z\r\n", "29 oversize \r\n8 echo z\r\n" },
	{ "take {5+}\r\nabcde\r\necho z\r\n", "took 5 sum 495\r\n8 echo z\r\n" },
	{ "take {5}\r\nabcde\r\necho z\r\n", "+ OK\r\ntook 5 sum 495\r\n8 echo z\r\n" },
	{ "take {0+}\r\n\r\necho z\r\n", "took 0 sum 0\r\n8 echo z\r\n" },
	{ "take {0}\r\n\r\necho z\r\n", "+ OK\r\ntook 0 sum 0\r\n8 echo z\r\n" },
	/* nobody reads it, so it is skipped, and so is the rest of the line with its further literals */
	{ "leave {5+}\r\nabcde rest\r\necho z\r\n", "did leave\r\n8 echo z\r\n" },
	{ "leave {5+}\r\nabcde {4+}\r\necho x\r\necho z\r\n", "did leave\r\n8 echo z\r\n" },
	/* the client was never asked to send it */
	{ "leave {5}\r\necho z\r\n", "did leave\r\n8 echo z\r\n" },
	{ "next\r\nsome line\r\necho z\r\n", "line <some line>\r\n8 echo z\r\n" },
	{ "next\r\n{3+}\r\necho z\r\n", "line <{3+}>\r\n8 echo z\r\n" },
	/* too big a collected literal is answered and skipped */
	{ "echo {70000+}\r\n", "15 oversize \r\n" },
};

static void
assert_row(const char *send, const char *want, bool bytewise)
{
	struct harness h;
	harness_init(&h);
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	for (size_t i = 0; bytewise && send[i]; i++) {
		client_send_bytes(c, &send[i], 1);
		if (i % 3 == 0)
			harness_run(&h, 1);
	}
	if (!bytewise)
		client_send(c, send);
	struct span got = client_bytes(c, strlen(want));
	if (!span_eq(got, span_str(want)))
		fail_msg("sent \"%s\" wanted \"%s\" got \"%.*s\"", send, want, (int)got.len, got.at);
	client_expect_silence(c, 5);
	client_free(&c);
	harness_release(&h);
}

static void
test_framing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_row(rows[i].send, rows[i].want, false);
		assert_row(rows[i].send, rows[i].want, true);
	}
}

/* --- stories ------------------------------------------------------------------------------------- */

/* A line longer than MAX_LINE is refused by its head, and what follows it is read again. */
static void
test_long_line(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *c = harness_connect(&h, &protocol);
	char *line = mem_alloc(200000);
	memset(line, 'y', 200000);
	memcpy(line, "echo ", 5);
	memcpy(line + 199998, "\r\n", 2);
	client_expect(c, "hello");
	client_send_bytes(c, line, 200000);
	client_expect(c, "1024 oversize ");
	client_send(c, "echo z\r\n");
	client_expect(c, "8 echo z");
	/* The same for a command's further line. */
	client_send(c, "next\r\n");
	client_send_bytes(c, line, 200000);
	client_expect(c, "too long <>");
	client_send(c, "echo z\r\n");
	client_expect(c, "8 echo z");
	/* And a long line may end in a literal, which belongs to it. */
	memcpy(line + 199990, " {8+}\r\n", 7);
	client_send_bytes(c, line, 199997);
	client_send(c, "echo no\n and more\r\necho z\r\n");
	client_expect(c, "1024 oversize ");
	client_expect(c, "8 echo z");
	free(line);
	client_free(&c);
	harness_release(&h);
}

static void
test_big_literal(void **state)
{
	struct harness h;
	uint64_t sum = 0;
	size_t len = 3 * 1000 * 1000;
	unsigned char *bytes = mem_alloc(len);
	(void)state;
	for (size_t i = 0; i < len; i++)
		sum += bytes[i] = (unsigned char)(i * 7 + i / 251);
	harness_init(&h);
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	client_send(c, "take {3000000}\r\n");
	client_expect(c, "+ OK");
	client_send_bytes(c, bytes, len);
	client_send(c, "\r\necho z\r\n");
	char want[64];
	snprintf(want, sizeof(want), "took 3000000 sum %llu", (unsigned long long)sum);
	client_expect(c, want);
	client_expect(c, "8 echo z");
	free(bytes);
	client_free(&c);
	harness_release(&h);
}

static void
test_many_pipelined(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	for (int i = 0; i < 10000; i++)
		client_send(c, "echo a\r\n");
	for (int i = 0; i < 10000; i++)
		client_expect(c, "8 echo a");
	client_free(&c);
	harness_release(&h);
}

/* A client that does not read stops the commands, and memory stays bounded (flood_more asserts that). */
static void
test_backpressure(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	client_send(c, "flood 8192\r\necho z\r\n");
	client_stall(c, 50);
	assert_true(conn_unsent(h.home->sessions->conn) >= CONN_LOW_WATER);
	(void)client_bytes(c, 8192 * 1024);
	client_expect(c, "end");
	client_expect(c, "8 echo z");
	client_free(&c);
	harness_release(&h);
}

static void
test_half_close(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	client_send(c, "sleep a\r\necho b\r\necho unfinished");
	client_half_close(c);
	client_expect(c, "9 sleep a");
	client_expect(c, "8 echo b");
	client_expect_end(c);
	client_free(&c);
	/* In the middle of what a command waits for. */
	c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	client_send(c, "take {10+}\r\nabc");
	client_half_close(c);
	client_expect_end(c);
	client_free(&c);
	assert_int_equal(harness_sessions(&h), 0);
	harness_release(&h);
}

static void
test_goodbyes(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	h.config.max_per_ip = 2;
	h.config.login_timeout = 60;
	struct client *a = harness_connect(&h, &protocol), *b = harness_connect(&h, &protocol);
	struct client *refused = harness_connect(&h, &protocol);
	client_expect(refused, "bye UNAVAILABLE Too many connections from your address");
	client_expect_end(refused);
	client_free(&refused);
	/* Somebody else is welcome. */
	struct client *other = harness_connect_remote(&h, &protocol);
	client_expect(other, "hello remote");
	client_send(other, "quit\r\necho never\r\n");
	client_expect(other, "did quit");
	client_expect_end(other);
	client_free(&other);
	client_expect(a, "hello");
	client_send(a, "login\r\n");
	client_expect(a, "login OK");
	client_expect(b, "hello");
	client_expect(b, "bye - Too slow to log in");
	client_expect_end(b);
	client_expect_silence(a, 5);
	for (int i = 1; i < 10; i++) {
		client_send(a, "bad\r\n");
		client_expect(a, "did bad");
	}
	client_send(a, "bad\r\nbad\r\n");
	client_expect(a, "bye - Too many invalid commands");
	client_expect_end(a);
	client_free(&a);
	client_free(&b);
	harness_release(&h);
}

static void
test_renewal(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	h.auth.renew_after_s = 1;
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	client_send(c, "login\r\n");
	client_expect(c, "login OK");
	client_expect_silence(c, 1100);
	assert_int_equal(h.auth.renewals, 1);
	h.auth.disabled = true;
	client_expect(c, "bye - Your session is over, please log in again");
	client_expect_end(c);
	client_free(&c);
	harness_release(&h);
}

static void
test_tls(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	harness_use_tls(&h);
	struct client *c = harness_connect_tls(&h, &protocol);
	client_expect(c, "hello");
	client_send(c, "echo a\r\n");
	client_expect(c, "8 echo a");
	client_send(c, "flood 2048\r\n");
	(void)client_bytes(c, 2048 * 1024);
	client_expect(c, "end");
	client_send(c, "quit\r\n");
	client_expect(c, "did quit");
	client_expect_end(c);
	client_free(&c);
	/* What came with STARTTLS in plaintext must not be executed behind it. */
	c = harness_connect_remote(&h, &protocol);
	client_expect(c, "hello remote");
	client_send(c, "tls\r\necho injected\r\n");
	client_expect(c, "did tls");
	client_start_tls(c);
	client_expect_silence(c, 10);
	client_send(c, "echo a\r\n");
	client_expect(c, "8 echo a");
	client_free(&c);
	harness_release(&h);
}

/* Commands wait while a service is away, are answered when it is back, and give up in the end. */
static void
test_service_away(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	h.config.store_wait = 200;
	struct client *c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	wire_cut(h.auth_wire, true);
	client_send(c, "login\r\n");
	client_expect_silence(c, 50);
	wire_cut(h.auth_wire, false);
	client_expect(c, "login OK");
	client_free(&c);
	c = harness_connect(&h, &protocol);
	client_expect(c, "hello");
	wire_cut(h.auth_wire, true);
	client_send(c, "login\r\n");
	client_expect(c, "login DEADLINE");
	/* A client that goes leaves nothing behind when the command at hand is over: it might only have half closed. */
	client_send(c, "login\r\n");
	client_expect_silence(c, 5);
	client_free(&c);
	harness_run(&h, 300);
	assert_int_equal(harness_sessions(&h), 0);
	harness_release(&h);
}

static void
test_drain(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *idle = harness_connect(&h, &protocol), *busy = harness_connect(&h, &protocol);
	client_expect(idle, "hello");
	client_expect(busy, "hello");
	client_send(busy, "sleep a\r\necho never\r\n");
	client_expect_silence(busy, 5);
	frontend_drain(h.frontend, 10);
	client_expect(busy, "9 sleep a");
	client_expect(busy, "bye - Server is shutting down, please reconnect");
	client_expect_end(busy);
	client_expect(idle, "bye - Server is shutting down, please reconnect");
	client_expect_end(idle);
	client_free(&idle);
	client_free(&busy);
	assert_int_equal(frontend_clients(h.frontend), 0);
	harness_release(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_big_literal),
		cmocka_unit_test(test_many_pipelined),
		cmocka_unit_test(test_backpressure),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_goodbyes),
		cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_service_away),
		cmocka_unit_test(test_drain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
