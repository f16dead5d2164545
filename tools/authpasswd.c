/*
 * authpasswd - change the password of an account
 *
 *	authpasswd [-s SERVICE] [-c FILE] NAME
 *
 * Asks for the old password and twice for the new one on a terminal, otherwise reads one line of
 * standard input for each. The module of AUTH_MODULES that accepts the old password stores the new
 * one; the settings are those in FILE (/etc/posthouse/authsvc.conf). Exits 0, 1 when the old password
 * is wrong or cannot be changed, 75 when nobody can tell now, 78 for settings that are wrong, 64 for a
 * wrong command line.
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "authsvc/offline.h"
#include "authsvc/password/password_prompt.h"
#include "base/log.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: authpasswd [-s SERVICE] [-c FILE] NAME\n";

static int
usage(void)
{
	fputs(usage_text, stderr);
	return EX_USAGE;
}

static int
tell(enum auth_result r)
{
	switch (r) {
	case AUTH_OK:
		return EX_OK;
	case AUTH_REJECTED:
		fprintf(stderr, "authpasswd: no such account, a wrong password, or one that cannot be changed\n");
		return 1;
	case AUTH_TROUBLE:
		break;
	}
	fprintf(stderr, "authpasswd: the password cannot be changed now\n");
	return EX_TEMPFAIL;
}

static int
change(struct offline *o, const char *service, const char *given, const struct secret *old, const struct secret *new)
{
	struct auth_change both = { secret_view(old), secret_view(new) };
	struct auth_query q = { .service = service, .address = "" };
	enum auth_result r = AUTH_REJECTED;
	struct arena a;

	arena_init(&a, 0);
	if (offline_ask(o, &a, given, &q))
		r = auth_chain_change(offline_chain(o), &a, &q, &both);
	arena_release(&a);
	return tell(r);
}

int
main(int argc, char **argv)
{
	const char *service = "imap", *file = NULL;
	struct secret old, new;
	int option, code = 1;

	tool_usage("authpasswd", usage_text, argc, argv);
	log_init("authpasswd", LOG_LEVEL_WARN);
	while ((option = getopt(argc, argv, "s:c:")) != -1) {
		if (option == 's')
			service = optarg;
		else if (option == 'c')
			file = optarg;
		else
			return usage();
	}
	if (argc - optind != 1)
		return usage();
	struct offline *o = offline_open("authpasswd", file, NULL);
	if (password_prompt("Old password", &old)) {
		if (password_prompt_new("authpasswd", &new)) {
			code = change(o, service, argv[optind], &old, &new);
			secret_release(&new);
		}
		secret_release(&old);
	}
	offline_close(&o);
	return code;
}
