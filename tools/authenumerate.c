/*
 * authenumerate - list the accounts that authsvc knows
 *
 *	authenumerate [-s] [-o] [-c FILE]
 *
 * NAME, UID, GID, HOME and MAILDIR of each, with tabs between; -o adds the account's options, -s
 * leaves out accounts with the option disableshared, which makes the list an index of shared folders.
 * The modules of AUTH_MODULES are asked here, with the settings in FILE (/etc/posthouse/authsvc.conf).
 * Exits 0, 75 when the list is not complete, 78 for settings that are wrong, 64 for a wrong command
 * line.
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "authsvc/account/account_options.h"
#include "authsvc/offline.h"
#include "base/log.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: authenumerate [-s] [-o] [-c FILE]\n";

struct listing {
	const char *defaults;		/* DEFAULTOPTIONS */
	bool options, shared;
};

static bool
show(void *arg, const struct auth_account *account)
{
	const struct listing *l = arg;
	struct arena a;

	arena_init(&a, 0);
	const char *options = account_options_join(&a, account->options, l->defaults);
	if (!l->shared || !account_option_on(options, "disableshared")) {
		printf("%s\t%u\t%u\t%s\t%s", account->name, account->uid, account->gid, account->home, account->mail);
		printf(l->options ? "\t%s\n" : "\n", options);
	}
	arena_release(&a);
	return !ferror(stdout);
}

static int
list_all(const char *file, struct listing *l)
{
	struct offline *o = offline_open("authenumerate", file, NULL);
	struct arena a;

	arena_init(&a, 0);
	l->defaults = offline_config(o)->default_options;
	enum auth_result r = auth_chain_enumerate(offline_chain(o), &a, NULL, show, l);
	arena_release(&a);
	offline_close(&o);
	if (fflush(stdout) == 0 && r == AUTH_OK)
		return EX_OK;
	fprintf(stderr, "authenumerate: the list is not complete\n");
	return EX_TEMPFAIL;
}

int
main(int argc, char **argv)
{
	struct listing l = { .options = false };
	const char *file = NULL;
	bool good = true;
	int option;

	tool_usage("authenumerate", usage_text, argc, argv);
	log_init("authenumerate", LOG_LEVEL_WARN);
	while (good && (option = getopt(argc, argv, "soc:")) != -1) {
		if (option == 's')
			l.shared = true;
		else if (option == 'o')
			l.options = true;
		else if (option == 'c')
			file = optarg;
		else
			good = false;
	}
	if (!good || optind != argc) {
		fputs(usage_text, stderr);
		return EX_USAGE;
	}
	return list_all(file, &l);
}
