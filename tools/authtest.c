/*
 * authtest - try a login, and show what authsvc says of the account
 *
 *	authtest [-s SERVICE] [-n TIMES] [-t SECONDS] NAME [PASSWORD]
 *
 * authsvc is asked at $AUTH, or ipc:///run/posthouse/authsvc. Without PASSWORD one
 * line of standard input is taken. -n asks TIMES, one after the other, and says how
 * long each took. While nobody can tell it is asked again, for SECONDS (30). Exits 0 when the login would succeed, 1 when it is refused, 75 when
 * nobody can tell, 64 for a wrong command line.
 */
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "clients/auth_client.h"
#include "proto/auth.pb-c.h"

#define PATIENCE_S 30
#define LONGEST_PASSWORD 1024

static int64_t patience_ms = PATIENCE_S * 1000;

static int
usage(void)
{
	fprintf(stderr, "usage: authtest [-s SERVICE] [-n TIMES] [-t SECONDS] NAME [PASSWORD]\n");
	return EX_USAGE;
}

static void
show(const Posthouse__Ticket *t)
{
	printf("account: %s\nuid: %u\ngid: %u\nhome: %s\nmaildir: %s\nstore: %s\n", t->account, t->uid,
	    t->gid, t->home, t->maildir, t->store);
	printf("full name: %s\nquota: %s\noptions: %s\n", t->full_name, t->quota, t->options);
}

static int
exit_code(enum status_code code)
{
	switch (code) {
	case STATUS_OK:
		return EX_OK;
	case STATUS_UNAUTHENTICATED: case STATUS_DENIED:
		return 1;
	default:
		return EX_TEMPFAIL;
	}
}

static struct status
login(struct rpc_client *client, struct arena *texts, Posthouse__LoginRequest *in, bool tell)
{
	struct rpc_call *call = rpc_call_new("authtest", clock_mono_ms() + patience_ms);
	const ProtobufCMessage *reply;

	struct status st = rpc_call_wait(rpc_client_service(client), "Login", &in->base, call, &reply);
	if (status_ok(st) && tell)
		show(((const Posthouse__LoginReply *)reply)->account);
	st.text = arena_strdup(texts, st.text ? st.text : "");
	rpc_call_free(&call);
	return st;
}

static int
ask(const char *service, long times, char *name, struct span password)
{
	Posthouse__LoginRequest in = POSTHOUSE__LOGIN_REQUEST__INIT;
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	const char *urls = getenv("AUTH");
	struct rpc_client *client;
	struct arena texts;

	peer.service = (char *)service;
	peer.tls = true;
	in.peer = &peer;
	in.user = name;
	in.password = (ProtobufCBinaryData){ password.len, (uint8_t *)password.at };
	struct status st = auth_client_new(urls && *urls ? urls : "ipc:///run/posthouse/authsvc", NULL,
	    patience_ms, &client);
	if (!status_ok(st)) {
		fprintf(stderr, "authtest: %s\n", st.text);
		return EX_TEMPFAIL;
	}
	arena_init(&texts, 0);
	int64_t begun = clock_wall_ns();
	for (long i = 0; i < times; i++)
		st = login(client, &texts, &in, i == 0);
	if (times > 1)
		printf("%ld logins, %.3f ms each\n", times,
		    (double)(clock_wall_ns() - begun) / 1e6 / (double)times);
	if (!status_ok(st))
		fprintf(stderr, "authtest: %s: %s\n", status_name(st.code), st.text);
	arena_release(&texts);
	rpc_client_free(&client);
	return exit_code(st.code);
}

int
main(int argc, char **argv)
{
	char line[LONGEST_PASSWORD];
	const char *service = "imap";
	uint64_t times = 1, seconds = PATIENCE_S;
	int option;

	log_init("authtest", LOG_LEVEL_WARN);
	while ((option = getopt(argc, argv, "s:n:t:")) != -1) {
		if (option == 's')
			service = optarg;
		else if (option == 't' && span_number(span_str(optarg), 3600, &seconds) && seconds)
			patience_ms = (int64_t)seconds * 1000;
		else if (option != 'n' || !span_number(span_str(optarg), 1000000, &times) || !times)
			return usage();
	}
	if (argc - optind != 1 && argc - optind != 2)
		return usage();
	const char *password = argv[optind + 1];
	if (!password) {
		if (!fgets(line, sizeof(line), stdin))
			return usage();
		line[strcspn(line, "\r\n")] = '\0';
		password = line;
	}
	int code = ask(service, (long)times, argv[optind], span_str(password));
	secret_wipe(line, sizeof(line));
	return code;
}
