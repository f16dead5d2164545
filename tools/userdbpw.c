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
#include <termios.h>
#include <unistd.h>

#include "authsvc/password/password.h"
#include "authsvc/password/password_make.h"
#include "base/secret.h"

static int
usage(void)
{
	fprintf(stderr, "usage: userdbpw [-SCHEME | --scheme SCHEME], SCHEME one of:");
	for (const char *const *s = password_schemes(); *s; s++)
		fprintf(stderr, " %s", *s);
	fprintf(stderr, "\n");
	return 64;
}

/* One line without its end, wiped by the caller. */
static bool
read_line(const char *prompt, struct secret *out)
{
	char line[PASSWORD_LONGEST + 2];
	struct termios before, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;

	if (terminal) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
		fprintf(stderr, "%s: ", prompt);
	}
	bool got = fgets(line, sizeof(line), stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fprintf(stderr, "\n");
	}
	if (got)
		secret_init(out, span_of(line, strcspn(line, "\r\n")));
	secret_wipe(line, sizeof(line));
	return got;
}

static bool
read_password(struct secret *out)
{
	struct secret again;

	if (!read_line("Password", out))
		return false;
	if (!isatty(STDIN_FILENO))
		return true;
	bool same = read_line("Again", &again);
	if (same) {
		same = secret_eq(secret_view(out), secret_view(&again));
		secret_release(&again);
	}
	if (!same) {
		fprintf(stderr, "userdbpw: the two differ\n");
		secret_release(out);
	}
	return same;
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

	const char *const *known = password_schemes();
	while (scheme && *known && strcmp(*known, scheme) != 0)
		known++;
	if (!scheme || !*known)
		return usage();

	if (!read_password(&password))
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
