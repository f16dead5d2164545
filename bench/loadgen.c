/*
 * loadgen - put a load on an IMAP server, say what it cost
 *
 *	loadgen --port=N --tls-port=N --cost=KIND:WHERE [--mail=DIR] SCENARIO...
 *	loadgen --list
 *
 * Prints one line per scenario (outcome.h). The accounts are those of genmail.
 */
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/accounts.h"
#include "bench/fail.h"
#include "bench/scenario.h"

#define MOST_SECONDS 150	/* for one scenario, whatever happens */

static const struct scenario scenarios[] = {
	{ "login-plain", scenario_login, LOGIN_PLAIN, "connect, LOGIN, LOGOUT, plaintext, 32 at once" },
	{ "login-tls", scenario_login, LOGIN_TLS, "the same over TLS 1.3, no resumption" },
	{ "idle-1000", scenario_idle, 1000, "1,000 sessions in IDLE over TLS: memory each" },
	{ "idle-5000", scenario_idle, 5000, "5,000 sessions in IDLE over TLS: memory each" },
	{ "notice-append", scenario_notice, NOTICE_APPEND, "notice to 200 watchers, by APPEND" },
	{ "notice-file", scenario_notice, NOTICE_FILE, "notice to 200 watchers, by a file into new/" },
	{ "append", scenario_append, 0, "APPEND 8 KiB durable, 16 sessions" },
	{ "select-10k", scenario_select, ACCOUNT_TEN, "SELECT warm, 10,000 messages" },
	{ "select-100k", scenario_select, ACCOUNT_HUNDRED, "SELECT warm, 100,000 messages" },
	{ "flags-100k", scenario_fetch, FETCH_FLAGS, "FETCH 1:* (FLAGS), 100,000" },
	{ "structure-warm", scenario_fetch, FETCH_WARM, "FETCH 1:* (ENVELOPE ...), 10,000, warm" },
	{ "structure-cold", scenario_fetch, FETCH_COLD, "the same, cold, with SELECT" },
	{ "bodies-plain", scenario_fetch, FETCH_BODIES, "FETCH 1:* BODY.PEEK[], 10,000, plaintext" },
	{ "bodies-tls", scenario_fetch, FETCH_BODIES_TLS, "the same over TLS" },
	{ "big-tls", scenario_fetch, FETCH_BIG, "one 50 MiB message, TLS" },
	{ "search", scenario_search, 0, "SEARCH TEXT rare word, 10,000" },
	{ "store-all", scenario_store_all, 0, "STORE 1:* +FLAGS, 10,000" },
	{ "store-single", scenario_store_single, ACCOUNT_SHARED, "STOREs of 16 sessions in a folder of 320" },
	{ "store-single-10k", scenario_store_single, ACCOUNT_TEN, "the same in one of 10,000" },
	{ "mix", scenario_mix, 0, "50 clients in a session mix, per command" },
	{ "pop3-plain", scenario_pop3, POP3_PLAIN, "POP3 RETR, 1,000 x 8 KiB, plaintext" },
	{ "pop3-tls", scenario_pop3, POP3_TLS, "the same over TLS" },
};

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

enum option_name { HOST = 1, PORT, TLS_PORT, POP3_PORT, POP3S_PORT, COST, MAIL, SECONDS, LIST };

static const struct option option_names[] = {
	{ "host", required_argument, NULL, HOST },
	{ "port", required_argument, NULL, PORT },
	{ "tls-port", required_argument, NULL, TLS_PORT },
	{ "pop3-port", required_argument, NULL, POP3_PORT },
	{ "pop3s-port", required_argument, NULL, POP3S_PORT },
	{ "cost", required_argument, NULL, COST },
	{ "mail", required_argument, NULL, MAIL },
	{ "seconds", required_argument, NULL, SECONDS },
	{ "list", no_argument, NULL, LIST },
	{ NULL, 0, NULL, 0 },
};

static unsigned
number(const char *text, unsigned most)
{
	uint64_t n;

	if (!span_number(span_str(text), most, &n))
		bench_fail("%s: not a number up to %u", text, most);
	return (unsigned)n;
}

static void
list(void)
{
	for (size_t i = 0; i < SCENARIOS; i++)
		printf("%s\t%s\n", scenarios[i].name, scenarios[i].what);
	exit(0);
}

static struct options
parse(int argc, char **argv)
{
	struct options o = { .target.host = "127.0.0.1", .seconds = 4 };
	const char *cost = NULL;
	int name;

	while ((name = getopt_long(argc, argv, "", option_names, NULL)) != -1) {
		switch (name) {
		case HOST: o.target.host = optarg; break;
		case PORT: o.target.port = number(optarg, 65535); break;
		case TLS_PORT: o.target.tls_port = number(optarg, 65535); break;
		case POP3_PORT: o.target.pop3_port = number(optarg, 65535); break;
		case POP3S_PORT: o.target.pop3s_port = number(optarg, 65535); break;
		case COST: cost = optarg; break;
		case MAIL: o.mail = optarg; break;
		case SECONDS: o.seconds = number(optarg, 60); break;
		case LIST: list(); break;
		default: bench_fail("unknown option; see the head of bench/loadgen.c");
		}
	}
	if (!cost || !o.target.port || !o.target.tls_port)
		bench_fail("--port, --tls-port and --cost are needed");
	o.cost = cost_parse(cost);
	return o;
}

static const struct scenario *
find(const char *name)
{
	for (size_t i = 0; i < SCENARIOS; i++)
		if (span_eq(span_str(name), span_str(scenarios[i].name)))
			return &scenarios[i];
	bench_fail("%s: no such scenario (see --list)", name);
}

static void
out_of_time(int signal)
{
	static const char text[] = "the scenario took too long\n";

	(void)signal;
	_exit(write(STDERR_FILENO, text, sizeof(text) - 1) > 0 ? 1 : 2);
}

/* Thousands of connections need as many descriptors. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int
main(int argc, char **argv)
{
	struct options o = parse(argc, argv);

	raise_limits();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, out_of_time);
	for (int i = optind; i < argc; i++) {
		const struct scenario *s = find(argv[i]);

		alarm(MOST_SECONDS);
		s->run(s, &o);
		fflush(stdout);
	}
	return 0;
}
