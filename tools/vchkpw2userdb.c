/*
 * vchkpw2userdb - vpopmail's accounts as a source for makeuserdb
 *
 *	vchkpw2userdb [--vpopmailhome=DIR] [--todir=DIR]
 *
 * Prints a line for each account in DIR/users/vpasswd, by its name alone, and in
 * DIR/domains/DOMAIN/vpasswd as NAME@DOMAIN; those of domains/default have no domain. DIR is the home
 * of the user vpopmail. With --todir there is a file for each domain in that directory, which is made.
 * The mail is owned by whoever owns the domain's directory. Exits 0, 1 when something cannot be read
 * or written or an account had to be left out, 64 for a wrong command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authsvc/offline.h"
#include "base/log.h"
#include "tools/accounts/userdb_line.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: vchkpw2userdb [--vpopmailhome=DIR] [--todir=DIR]\n";

struct command {
	struct arena arena;
	const char *home, *todir;	/* todir NULL: to standard output */
	struct auth_chain *chain;	/* of the folder at hand */
	bool users;			/* which is users/, not domains/ */
	FILE *out;			/* of the domain at hand */
	const char *domain;
	bool bad;
};

static int
usage(void)
{
	fputs(usage_text, stderr);
	return 64;
}

static void
complain(struct command *c, const char *what, const char *why)
{
	fprintf(stderr, "vchkpw2userdb: %s: %s\n", what, why);
	c->bad = true;
}

static void
close_domain(struct command *c)
{
	if (c->out && c->out != stdout && fclose(c->out) != 0)
		complain(c, c->domain, strerror(errno));
	c->out = NULL;
}

/* Where the accounts of a domain go; they come one domain after the other. False: nowhere. */
static bool
open_domain(struct command *c, struct span domain)
{
	if (c->domain && span_eq(domain, span_str(c->domain)))
		return c->out != NULL;
	close_domain(c);
	c->domain = arena_strndup(&c->arena, domain.at, domain.len);
	if (!c->todir) {
		c->out = stdout;
		return true;
	}
	const char *path = arena_printf(&c->arena, "%s/%s", c->todir, c->domain);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	c->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!c->out)
		complain(c, path, strerror(errno));
	return c->out != NULL;
}

/* auth_chain_secrets: takes what is stored, and is content with it. */
static bool
take_stored(void *arg, const struct auth_account *account, const struct auth_secrets *secrets)
{
	struct userdb_line_maker *line = arg;

	(void)account;
	if (secrets->count)
		userdb_line_field(line, "systempw", secrets->at[0].stored);
	return true;
}

static void
show(struct command *c, const struct auth_account *account, struct span name)
{
	struct auth_query q = { .account = account->name, .service = "imap", .address = "", .application = "" };
	struct userdb_line_maker line;
	struct auth_account again;
	struct arena a;

	arena_init(&a, 0);
	userdb_line_begin(&line, name);
	userdb_line_number(&line, "uid", account->uid);
	userdb_line_number(&line, "gid", account->gid);
	userdb_line_field(&line, "home", span_str(account->home));
	userdb_line_field(&line, "quota", span_str(account->quota));
	userdb_line_field(&line, "options", span_str(account->options));
	userdb_line_field(&line, "gecos", span_str(account->full_name));
	enum auth_result r = auth_chain_secrets(c->chain, &a, &q, take_stored, &line, &again);
	if (!userdb_line_end(&line, c->out) || r == AUTH_TROUBLE)
		complain(c, account->name, "cannot be written in userdb's form");
	arena_release(&a);
}

static bool
show_one(void *arg, const struct auth_account *account)
{
	struct command *c = arg;
	struct span domain = span_str(account->name), name = span_cut(&domain, '@');
	bool is_users = span_eq(domain, SPAN_LIT("users"));

	if (c->users && !is_users)
		return true;
	if (!c->users && !span_eq(domain, SPAN_LIT("default")))
		name = span_str(account->name);
	if (open_domain(c, domain))
		show(c, account, name);
	return true;
}

/* The module takes the folders in `folder` for domains. */
static void
show_folder(struct command *c, const char *folder, bool users)
{
	struct stat info;

	if (stat(folder, &info) < 0) {
		complain(c, folder, strerror(errno));
		return;
	}
	setenv("VPASSWD_DOMAINS", folder, 1);
	struct offline *o = offline_open("vchkpw2userdb", NULL, "vpasswd");
	c->chain = offline_chain(o);
	c->users = users;
	if (auth_chain_enumerate(c->chain, &c->arena, NULL, show_one, c) != AUTH_OK)
		c->bad = true;		/* the log says why */
	offline_close(&o);
}

static bool
convert(struct command *c)
{
	const char *users = arena_printf(&c->arena, "%s/users/vpasswd", c->home);

	if (c->todir && mkdir(c->todir, 0700) < 0 && errno != EEXIST) {
		complain(c, c->todir, strerror(errno));
		return false;
	}
	if (access(users, F_OK) == 0)
		show_folder(c, c->home, true);
	show_folder(c, arena_printf(&c->arena, "%s/domains", c->home), false);
	close_domain(c);
	return fflush(stdout) == 0 && !c->bad;
}

static const struct option options[] = {
	{ "vpopmailhome", required_argument, NULL, 'h' },
	{ "todir", required_argument, NULL, 't' },
	{ NULL, 0, NULL, 0 },
};

int
main(int argc, char **argv)
{
	const struct passwd *vpopmail = getpwnam("vpopmail");
	struct command c = { .home = vpopmail ? vpopmail->pw_dir : "/home/vpopmail" };
	int option;

	tool_usage("vchkpw2userdb", usage_text, argc, argv);
	log_init("vchkpw2userdb", LOG_LEVEL_WARN);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			c.home = optarg;
		else if (option == 't')
			c.todir = optarg;
		else
			return usage();
	}
	if (optind != argc)
		return usage();
	arena_init(&c.arena, 0);
	c.home = arena_strdup(&c.arena, c.home);
	bool good = convert(&c);
	arena_release(&c.arena);
	return good ? 0 : 1;
}
