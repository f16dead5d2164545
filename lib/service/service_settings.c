/*
 * service_settings.c - reading settings at the start, and some of them again on SIGHUP
 */
#include "service/service_settings.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "metrics/metrics.h"
#include "service/service_place.h"
#include "service/version.h"

/* The common table differs only in the default of LISTEN. */
static struct option_def *
common_options(struct arena *a, const char *name)
{
	const struct option_def defs[] = {
		OPTION_STRING(struct common_config, listen, "LISTEN",
		    arena_printf(a, "ipc:///run/posthouse/%s/rpc", name),
		    "Where other services reach this one: URLs, separated by commas, of the forms\n"
		    "ipc:///path, tcp://address:port and tls+tcp://address:port."),
		OPTION_STRING(struct common_config, http_listen, "HTTP_LISTEN", "",
		    "Addresses, separated by commas, for /metrics, /healthz and /readyz over HTTP:\n"
		    "127.0.0.1:9100, [::1]:9100. Empty: none."),
		OPTION_ENUM(struct common_config, log_level, "LOG_LEVEL", "info", "error|warn|info|debug",
		    "How much is logged, on standard error. SIGHUP reads it again; SIGUSR1 logs\n"
		    "more and SIGUSR2 less, one level each."),
		OPTION_ENUM(struct common_config, log_format, "LOG_FORMAT", "logfmt", "logfmt|json",
		    "Form of a line of the log. SIGHUP reads it again."),
		OPTION_INT(struct common_config, workers, "WORKERS", "0", 0, 1024,
		    "Threads that answer calls. 0: twice the cores, at least 8."),
		OPTION_TIME(struct common_config, drain_ms, "DRAIN_SECONDS", "20s", 0, 3600000,
		    "After SIGTERM, how long what is running may take to finish."),
		OPTION_STRING(struct common_config, tls_cert, "RPC_TLS_CERT", NULL,
		    "Own certificate and chain for tls+tcp://, PEM."),
		OPTION_STRING(struct common_config, tls_key, "RPC_TLS_KEY", NULL,
		    "Its private key, PEM."),
		OPTION_STRING(struct common_config, tls_ca, "RPC_TLS_CA", NULL,
		    "Certificates of the authorities that the other side's certificate must come from. A certificate says\n"
		    "what it may call by URI:posthouse:role/ROLE among its alternative names, or ROLE as its common name."),
		OPTION_STRING(struct common_config, roles, "RPC_ROLES",
		    "frontend=posthouse-frontend,frontend=posthouse,outbox=posthouse-outbox",
		    "Which users of this host may call what over ipc://: ROLE=USER, separated by commas. Roles are frontend,\n"
		    "delivery, outbox and operator; users are names or numbers. Root and the service's own user have all."),
		OPTION_BOOL(struct common_config, trust_tcp, "RPC_TRUST_TCP", "no",
		    "Whether LISTEN may have tcp://, where nobody proves anything: with yes, everybody who reaches that port\n"
		    "counts as a frontend."),
		OPTION_INT(struct common_config, connections, "RPC_CONNECTIONS_PER_PEER", "128", 0, 100000,
		    "Most connections for calls from one address, or one user on ipc://, at a time. A frontend has one to each\n"
		    "service. Root and the service's own user have as many as they like. 0: so has everybody."),
		OPTION_STRING(struct common_config, admin_public_keys, "ADMIN_PUBLIC_KEYS", "",
		    "Files with the public keys of operators, separated by commas: what posthousectl orders\n"
		    "with one of their private keys (ADMIN_KEY) is done. Empty: such orders are refused."),
		OPTION_END
	};
	struct option_def *copy = ARENA_ARRAY(a, sizeof(defs) / sizeof(defs[0]), struct option_def);

	memcpy(copy, defs, sizeof(defs));
	return copy;
}

static struct status
load(const struct service_settings *s, struct arena *a, const struct option_set sets[2],
    enum options_action *out)
{
	struct options_input input = {
		arena_printf(a, "%s/%s.conf", service_place_etc(a), s->name), s->argc, s->argv, environ
	};

	return options_load(a, sets, s->own ? 2 : 1, &input, out);
}

struct status
service_settings_of(const char *name, const char *file, const struct option_def *own, struct arena *a,
    void *out_own)
{
	char *argv[] = { (char *)name, file ? (char *)arena_printf(a, "--config=%s", file) : NULL, NULL };
	struct service_settings s = { name, file ? 2 : 1, argv, own };
	struct common_config common;
	enum options_action action;
	struct option_set sets[2] = { { common_options(a, name), &common }, { own, out_own } };

	return load(&s, a, sets, &action);
}

void
service_settings_load(const struct service_settings *s, struct arena *a, struct common_config *common,
    void *own)
{
	struct option_set sets[2] = { { common_options(a, s->name), common }, { s->own, own } };
	size_t count = s->own ? 2 : 1;
	enum options_action action = OPTIONS_RUN;
	const char *program = arena_printf(a, "posthouse-%s", s->name);
	struct status st = load(s, a, sets, &action);

	if (!status_ok(st)) {
		fprintf(stderr, "%s: %s\n", program, st.text);
		exit(EX_USAGE);
	}
	switch (action) {
	case OPTIONS_RUN:
		return;
	case OPTIONS_HELP:
		options_print_help(stdout, program, sets, count);
		break;
	case OPTIONS_VERSION:
		printf("%s %s\n", program, POSTHOUSE_VERSION);
		break;
	case OPTIONS_PRINT_CONF:
		options_print_conf(stdout, sets, count);
		break;
	case OPTIONS_MERGE_CONF:
		exit(options_merge_argument(program, a, sets, count, s->argc, s->argv));
	case OPTIONS_PRINT_MAN:
		options_print_man(stdout, sets, count);
		break;
	case OPTIONS_PRINT_METRICS:
		metrics_print(stdout);
		break;
	}
	exit(EX_OK);
}

/* As much as the fields of the table need. */
static void *
scratch_config(struct arena *a, const struct option_def *defs)
{
	size_t size = 0;

	for (; defs && defs->type != OPTION_TYPE_END; defs++)
		if (defs->offset + sizeof(int64_t) > size)
			size = defs->offset + sizeof(int64_t);
	return arena_alloc(a, size);
}

/* Everything is read, for what is wrong anywhere in a file should be told; and forgotten, but for two. */
void
service_settings_reload(const struct service_settings *s)
{
	struct arena a;
	struct common_config common;
	enum options_action action;

	arena_init(&a, 0);
	struct option_set sets[2] = { { common_options(&a, s->name), &common }, { s->own, scratch_config(&a, s->own) } };
	struct status st = load(s, &a, sets, &action);
	if (status_ok(st)) {
		log_set_format((enum log_format)common.log_format);
		log_set_level((enum log_level)common.log_level);
	} else {
		log_error("settings stay as they are: %s", st.text);
	}
	arena_release(&a);
}
