/*
 * scenario_pop3 - fetch 1,000 messages of 8 KiB by POP3, one session
 *
 * Each RETR waits for the last one's answer, as clients do. An operation is one
 * RETR; login and QUIT are not counted.
 */
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

static struct span
await_ok(struct conn *c, const char *what)
{
	struct span line = conn_line(c);

	if (!span_starts(line, SPAN_LIT("+OK")))
		bench_fail("%s: %.*s", what, (int)line.len, line.at);
	return line;
}

static void
say(struct conn *c, const char *verb, const char *argument)
{
	char command[128];
	int len = snprintf(command, sizeof(command), "%s%s%s\r\n", verb, *argument ? " " : "", argument);

	conn_send(c, span_of(command, (size_t)len));
}

static void
log_in(struct worker *w)
{
	const struct target *to = &w->options->target;
	struct conn *c = &w->im.conn;
	char name[64];
	bool tls = w->crew->variant == POP3_TLS;

	conn_open(c, to->host, tls ? to->pop3s_port : to->pop3_port, tls);
	await_ok(c, "greeting");
	snprintf(name, sizeof(name), ACCOUNT_FORMAT, ACCOUNT_POP3);
	say(c, "USER", name);
	await_ok(c, "USER");
	say(c, "PASS", ACCOUNT_PASSWORD);
	await_ok(c, "PASS");
}

static void
retrieve(struct worker *w)
{
	struct conn *c = &w->im.conn;

	while (worker_begins(w)) {
		char number[16];

		snprintf(number, sizeof(number), "%u", 1 + (unsigned)(w->ops % POP3_MESSAGES));
		say(c, "RETR", number);
		await_ok(c, "RETR");
		while (!span_eq(conn_line(c), SPAN_LIT(".")))
			;
		worker_ends(w);
	}
}

static void
quit(struct worker *w)
{
	say(&w->im.conn, "QUIT", "");
	await_ok(&w->im.conn, "QUIT");
	conn_close(&w->im.conn);
}

void
scenario_pop3(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = 1, .least = POP3_MESSAGES, .most = POP3_MESSAGES,
		.variant = s->variant, .prepare = log_in, .work = retrieve, .finish = quit,
	};

	if (!o->target.pop3_port || !o->target.pop3s_port) {
		printf("%s skipped=the server has no POP3\n", s->name);
		return;
	}
	crew_run(&crew);
}
