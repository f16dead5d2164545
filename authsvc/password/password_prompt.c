/*
 * password_prompt.c - a password from whoever runs a program
 */
#include "authsvc/password/password_prompt.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "authsvc/password/password.h"

bool
password_prompt(const char *prompt, struct secret *out)
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

bool
password_prompt_new(const char *program, struct secret *out)
{
	struct secret again;

	if (!password_prompt("Password", out))
		return false;
	if (!isatty(STDIN_FILENO))
		return true;
	bool same = password_prompt("Again", &again);
	if (same) {
		same = secret_eq(secret_view(out), secret_view(&again));
		secret_release(&again);
	}
	if (!same) {
		fprintf(stderr, "%s: the two differ\n", program);
		secret_release(out);
	}
	return same;
}
