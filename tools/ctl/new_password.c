#include "tools/ctl/new_password.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LONGEST 1024

static bool
read_line(struct secret *out)
{
	char line[LONGEST];
	bool ok = fgets(line, sizeof(line), stdin) != NULL;
	size_t len = ok ? strcspn(line, "\r\n") : 0;

	if (ok && len)
		secret_init(out, span_of(line, len));
	secret_wipe(line, sizeof(line));
	return ok && len;
}

static bool
ask(const char *prompt, struct secret *out)
{
	struct termios was, silent;

	if (tcgetattr(STDIN_FILENO, &was) < 0)
		return false;
	silent = was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fputs(prompt, stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	bool ok = read_line(out);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	fputs("\n", stderr);
	return ok;
}

static bool
ask_twice(struct ctl *c, struct secret *out)
{
	struct secret again;

	if (!ask("New password: ", out))
		return false;
	bool same = ask("Once more: ", &again);
	if (same) {
		same = span_eq(secret_view(out), secret_view(&again));
		secret_release(&again);
	}
	if (!same) {
		secret_release(out);
		ctl_error(c, EX_DATAERR, "these are not the same");
	}
	return same;
}

bool
new_password_read(struct ctl *c, struct secret *out)
{
	if (isatty(STDIN_FILENO))
		return ask_twice(c, out);
	if (read_line(out))
		return true;
	ctl_error(c, EX_DATAERR, "no password on standard input");
	return false;
}
