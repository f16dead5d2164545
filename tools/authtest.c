/*
 * authtest - try a login, look an account up, or change its password
 *
 *	authtest [-s SERVICE] [-n TIMES] [-t SECONDS] NAME PASSWORD
 *	authtest [-s SERVICE] [-m MODULE] [-c FILE] NAME [PASSWORD [NEWPASSWORD]]
 *
 * The first form asks authsvc, as a frontend would, at $AUTH or ipc:///run/posthouse/authsvc/rpc. The
 * second, which it is with -m or -c, without PASSWORD and with NEWPASSWORD, asks the modules here:
 * MODULE alone, or those of AUTH_MODULES, with the settings in FILE (/etc/posthouse/authsvc.conf).
 * Without PASSWORD the account is looked up. A password that is "-" is a line of standard input. -n
 * asks TIMES, one after the other, and says how long each took. A login may take SECONDS (30), also
 * when there is no authsvc yet. Exits 0 when the answer is yes, 1 when it is no, 75 when nobody can
 * tell, 78 for settings that are wrong, 64 for a wrong command line.
 */
#include <sysexits.h>
#include <unistd.h>

#include "authsvc/offline.h"
#include "authsvc/password/password_prompt.h"
#include "base/clock.h"
#include "base/log.h"
#include "clients/auth_client.h"
#include "proto/auth.pb-c.h"
#include "service/service_place.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: authtest [-s SERVICE] [-n TIMES] [-t SECONDS] NAME PASSWORD\n"
    "       authtest [-s SERVICE] [-m MODULE] [-c FILE] NAME [PASSWORD [NEWPASSWORD]]\n";

#define PATIENCE_S 30

static int64_t patience_ms = PATIENCE_S * 1000;

static int
usage(void)
{
	fputs(usage_text, stderr);
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

/* What the modules say, before it has become a ticket. */
static void
show_account(const struct auth_account *t)
{
	printf("account: %s\nuid: %u\ngid: %u\nhome: %s\nmaildir: %s\nstore: %s\n", t->name, t->uid, t->gid, t->home,
	    t->mail, t->store);
	printf("full name: %s\nquota: %s\noptions: %s\n", t->full_name, t->quota, t->options);
}

/* What is asked of the modules; no password: look up; no new one: do not change. */
struct trial {
	const char *service, *name;
	const struct secret *password, *fresh;
};

static enum auth_result
try_modules(struct offline *o, struct arena *a, const struct trial *t)
{
	struct auth_query q = { .service = t->service, .address = "", .account = "" };
	struct auth_chain *c = offline_chain(o);
	enum auth_result r = AUTH_REJECTED;
	struct auth_account account;

	if (!offline_ask(o, a, t->name, &q))
		return r;
	if (t->fresh) {
		struct auth_change change = { secret_view(t->password), secret_view(t->fresh) };
		return auth_chain_change(c, a, &q, &change);
	}
	r = t->password ? auth_chain_verify(c, a, &q, secret_view(t->password), &account) :
	    auth_chain_lookup(c, a, &q, &account);
	if (r == AUTH_OK)
		show_account(&account);
	return r;
}

static int
ask_modules(const char *file, const char *module, const struct trial *t)
{
	struct offline *o = offline_open("authtest", file, module);
	struct arena a;

	arena_init(&a, 0);
	enum auth_result r = try_modules(o, &a, t);
	arena_release(&a);
	offline_close(&o);
	if (r == AUTH_OK)
		return EX_OK;
	fprintf(stderr, "authtest: %s\n", r == AUTH_TROUBLE ? "nobody can tell now" : "refused");
	return r == AUTH_TROUBLE ? EX_TEMPFAIL : 1;
}

static int
ask_authsvc(const char *service, long times, char *name, struct span password)
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
	arena_init(&texts, 0);
	if (!urls || !*urls)
		urls = arena_printf(&texts, "ipc://%s/authsvc/rpc", service_place_run(&texts));
	struct status st = auth_client_new(urls, NULL, patience_ms, &client);
	if (!status_ok(st)) {
		fprintf(stderr, "authtest: %s\n", st.text);
		arena_release(&texts);
		return EX_TEMPFAIL;
	}
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

struct command {
	const char *service, *module, *file;
	uint64_t times, seconds;
	char **words;		/* NAME [PASSWORD [NEWPASSWORD]] */
	int count;
};

static bool
parse(struct command *c, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "s:m:c:n:t:")) != -1) {
		if (option == 's')
			c->service = optarg;
		else if (option == 'm')
			c->module = optarg;
		else if (option == 'c')
			c->file = optarg;
		else if (option == 't' && (!span_number(span_str(optarg), 3600, &c->seconds) || !c->seconds))
			return false;
		else if (option == 'n' && (!span_number(span_str(optarg), 1000000, &c->times) || !c->times))
			return false;
		else if (option == '?')
			return false;
	}
	c->words = argv + optind;
	c->count = argc - optind;
	return c->count >= 1 && c->count <= 3;
}

/* A word of the command line, or the line of standard input that it stands for. */
static bool
take_password(const char *word, const char *prompt, struct secret *out)
{
	if (strcmp(word, "-") == 0)
		return password_prompt(prompt, out);
	secret_init(out, span_str(word));
	return true;
}

static int
run(const struct command *c, const struct secret *password, const struct secret *fresh)
{
	struct trial t = { c->service, c->words[0], password, fresh };

	if (c->module || c->file || !password || fresh)
		return ask_modules(c->file, c->module, &t);
	return ask_authsvc(c->service, (long)c->times, c->words[0], secret_view(password));
}

int
main(int argc, char **argv)
{
	struct command c = { .service = "imap", .times = 1, .seconds = PATIENCE_S };
	struct secret password = { NULL, 0 }, fresh = { NULL, 0 };
	int code = EX_USAGE;

	tool_usage("authtest", usage_text, argc, argv);
	log_init("authtest", LOG_LEVEL_WARN);
	if (!parse(&c, argc, argv))
		return usage();
	patience_ms = (int64_t)c.seconds * 1000;
	if ((c.count < 2 || take_password(c.words[1], "Password", &password)) &&
	    (c.count < 3 || take_password(c.words[2], "New password", &fresh)))
		code = run(&c, c.count > 1 ? &password : NULL, c.count > 2 ? &fresh : NULL);
	secret_release(&password);
	secret_release(&fresh);
	return code;
}
