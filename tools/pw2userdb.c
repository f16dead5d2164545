/*
 * pw2userdb - the system's accounts as a source for makeuserdb
 *
 *	pw2userdb [--passwd=FILE] [--shadow=FILE | --noshadow] [--domain=NAME] [--nouid]
 *
 * Prints a line for each account of passwd(5) and shadow(5), and one that says whose each uid is (not
 * with --nouid). --domain puts @NAME after the names. Root is left out: it has no mail. Exits 0, 1
 * when a file cannot be read or an account had to be left out, 64 for a wrong command line.
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/secret.h"
#include "tools/accounts/userdb_line.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: pw2userdb [--passwd=FILE] [--shadow=FILE | --noshadow] [--domain=NAME] [--nouid]\n";

struct command {
	const char *passwd, *shadow;	/* shadow NULL: none */
	const char *domain;
	bool uids;
	struct map hashes;		/* from shadow, by name */
};

static int
usage(void)
{
	fputs(usage_text, stderr);
	return 64;
}

static FILE *
open_file(const char *path)
{
	FILE *in = fopen(path, "re");

	if (!in)
		fprintf(stderr, "pw2userdb: %s: %s\n", path, strerror(errno));
	return in;
}

static bool
read_shadow(struct command *c)
{
	FILE *in = c->shadow ? open_file(c->shadow) : NULL;

	if (!in)
		return !c->shadow;
	for (struct spwd *s; (s = fgetspent(in)) != NULL;)
		if (s->sp_pwdp)
			free(map_put(&c->hashes, span_str(s->sp_namp), mem_strdup(s->sp_pwdp)));
	fclose(in);
	return true;
}

static bool
show(const struct command *c, const struct passwd *p)
{
	const char *at = *c->domain ? "@" : "", *hash = map_find(&c->hashes, span_str(p->pw_name));
	struct userdb_line_maker line;
	char name[512];

	if (!hash)
		hash = strcmp(p->pw_passwd, "x") == 0 ? "" : p->pw_passwd;
	snprintf(name, sizeof(name), "%s%s%s", p->pw_name, at, c->domain);
	for (char *g = p->pw_gecos; g && *g; g++)
		if (*g == '|')
			*g = '.';
	userdb_line_begin(&line, span_str(name));
	userdb_line_number(&line, "uid", p->pw_uid);
	userdb_line_number(&line, "gid", p->pw_gid);
	userdb_line_field(&line, "home", span_str(p->pw_dir));
	userdb_line_field(&line, "shell", span_str(p->pw_shell));
	userdb_line_field(&line, "systempw", span_str(hash));
	userdb_line_field(&line, "gecos", span_str(p->pw_gecos));
	if (!userdb_line_end(&line, stdout)) {
		fprintf(stderr, "pw2userdb: %s cannot be written in userdb's form\n", p->pw_name);
		return false;
	}
	if (c->uids)
		printf("%u=\t%s\n", p->pw_uid, name);
	return true;
}

static bool
show_all(struct command *c)
{
	FILE *in = open_file(c->passwd);
	bool good = in && read_shadow(c);

	if (good)
		for (struct passwd *p; (p = fgetpwent(in)) != NULL;)
			if (p->pw_uid != 0 && !show(c, p))
				good = false;
	if (in)
		fclose(in);
	return fflush(stdout) == 0 && good;
}

static void
forget(struct map *hashes)
{
	char *hash;

	for (size_t at = 0; (hash = map_next(hashes, &at, NULL)) != NULL;) {
		secret_wipe(hash, strlen(hash));
		free(hash);
	}
	map_release(hashes);
}

static const struct option options[] = {
	{ "passwd", required_argument, NULL, 'p' },
	{ "shadow", required_argument, NULL, 's' },
	{ "noshadow", no_argument, NULL, 'n' },
	{ "domain", required_argument, NULL, 'd' },
	{ "nouid", no_argument, NULL, 'u' },
	{ NULL, 0, NULL, 0 },
};

int
main(int argc, char **argv)
{
	struct command c = { .passwd = "/etc/passwd", .shadow = "/etc/shadow", .domain = "", .uids = true };
	int option;

	tool_usage("pw2userdb", usage_text, argc, argv);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p': c.passwd = optarg; break;
		case 's': c.shadow = optarg; break;
		case 'n': c.shadow = NULL; break;
		case 'd': c.domain = optarg; break;
		case 'u': c.uids = false; break;
		default: return usage();
		}
	}
	if (optind != argc)
		return usage();
	map_init(&c.hashes);
	bool good = show_all(&c);
	forget(&c.hashes);
	return good ? 0 : 1;
}
