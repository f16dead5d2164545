/*
 * authinfo - what authsvc was built with, and what it is told to use
 *
 *	authinfo [-c FILE]
 *
 * Says which version this is, which modules are there, which of them AUTH_MODULES asks and in what
 * order, which schemes new passwords can have, and where authdaemond's clients are answered. No module
 * is asked anything. FILE is /etc/posthouse/authsvc.conf if not given. Exits 0, 1 when a module that
 * is to be asked is not there, 78 for settings that are wrong, 64 for a wrong command line.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "authsvc/auth_config.h"
#include "authsvc/module_load.h"
#include "authsvc/password/password_make.h"
#include "base/log.h"
#include "service/service_settings.h"
#include "service/version.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: authinfo [-c FILE]\n";

/* "userdb" of "auth-userdb.so"; empty for what is no module. */
static struct span
module_name(const char *file)
{
	const struct span prefix = SPAN_LIT("auth-"), suffix = SPAN_LIT(".so");
	struct span name = span_str(file);

	if (!span_starts(name, prefix) || !span_ends(name, suffix) || name.len <= prefix.len + suffix.len)
		return SPAN_LIT("");
	return span_head(span_skip(name, prefix.len), name.len - prefix.len - suffix.len);
}

static int
is_module(const struct dirent *e)
{
	return module_name(e->d_name).len > 0;
}

static void
show_modules(const char *dir)
{
	struct dirent **found = NULL;
	int count = scandir(dir, &found, is_module, alphasort);

	printf("modules there are:");
	for (int i = 0; i < count; i++) {
		struct span name = module_name(found[i]->d_name);
		printf(" %.*s", (int)name.len, name.at);
		free(found[i]);
	}
	free(found);
	printf("\nmodule directory: %s\n", dir);
}

/* Whether all of them can be loaded; the log tells of those that cannot. */
static bool
show_asked(const char *names, const char *dir)
{
	const struct auth_module *m;
	bool all = true;

	printf("modules asked, in order:");
	for (const char *at = names; *at;) {
		size_t len = strcspn(at, " ,\t");
		if (len) {
			bool there = status_ok(auth_module_load(dir, span_of(at, len), &m));
			printf(" %.*s%s", (int)len, at, there ? "" : " (missing)");
			all = all && there;
		}
		at += len + (at[len] != '\0');
	}
	printf("\n");
	return all;
}

static void
show_schemes(const char *usual)
{
	printf("password schemes:");
	for (const char *const *s = password_schemes(); *s; s++)
		printf(" %s", *s);
	printf("\nscheme of most passwords: %s\n", usual);
}

static int
show(struct arena *a, const char *file)
{
	struct auth_config config;
	struct status st = service_settings_of("authsvc", file, auth_options, a, &config);

	if (!status_ok(st)) {
		fprintf(stderr, "authinfo: %s\n", st.text);
		return EX_CONFIG;
	}
	const char *dir = auth_module_dir(a, config.module_dir);
	printf("version: %s\n", POSTHOUSE_VERSION);
	show_modules(dir);
	bool all = show_asked(config.modules, dir);
	show_schemes(config.password_scheme);
	printf("default domain: %s\n", config.default_domain);
	printf("authdaemond's socket: %s\n", *config.authdaemon_socket ? config.authdaemon_socket : "(none)");
	return all ? EX_OK : 1;
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	struct arena a;
	int option;

	tool_usage("authinfo", usage_text, argc, argv);
	log_init("authinfo", LOG_LEVEL_WARN);
	while ((option = getopt(argc, argv, "c:")) == 'c')
		file = optarg;
	if (option != -1 || optind != argc) {
		fputs(usage_text, stderr);
		return EX_USAGE;
	}
	arena_init(&a, 0);
	int code = show(&a, file);
	arena_release(&a);
	return code;
}
