/*
 * userdbpw - turn a password into what is stored of it
 *
 *	userdbpw [-SCHEME | --scheme SCHEME]
 *
 * Asks twice on a terminal, otherwise reads one line from standard input. For use in
 *
 *	userdbpw | userdb alice@example.test set systempw
 *
 * Exits 0, 1 for failure, 64 for a wrong command line.
 */
#include <stdio.h>

#include "authsvc/password/password_make.h"
#include "authsvc/password/password_prompt.h"
#include "tools/usage/tool_usage.h"

static int
usage(FILE *to)
{
	fprintf(to, "usage: userdbpw [-SCHEME | --scheme SCHEME], SCHEME one of:");
	for (const char *const *s = password_schemes(); *s; s++)
		fprintf(to, " %s", *s);
	fprintf(to, "\n");
	return to == stdout ? 0 : 64;
}

/* As Courier's has it, "-md5", or at length; NULL: neither. */
static const char *
asked_scheme(int argc, char **argv)
{
	static const char longer[] = "--scheme";

	if (argc == 1)
		return PASSWORD_DEFAULT_SCHEME;
	if (argc == 3 && strcmp(argv[1], longer) == 0)
		return argv[2];
	if (argc != 2 || argv[1][0] != '-')
		return NULL;
	if (strncmp(argv[1], longer, sizeof(longer) - 1) == 0 && argv[1][sizeof(longer) - 1] == '=')
		return argv[1] + sizeof(longer);
	return argv[1] + 1;
}

int
main(int argc, char **argv)
{
	const char *scheme = asked_scheme(argc, argv), *stored;
	struct secret password;
	struct arena a;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	tool_usage("userdbpw", "", argc, argv);
	const char *const *known = password_schemes();
	while (scheme && *known && strcmp(*known, scheme) != 0)
		known++;
	if (!scheme || !*known)
		return usage(stderr);

	if (!password_prompt_new("userdbpw", &password))
		return 1;
	arena_init(&a, 0);
	struct status st = password_make(&a, scheme, secret_view(&password), &stored);
	secret_release(&password);
	if (status_ok(st))
		printf("%s\n", stored);
	else
		fprintf(stderr, "userdbpw: %s\n", st.text);
	arena_release(&a);
	return status_ok(st) ? 0 : 1;
}
