#include "tools/ctl/screen.h"

#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/ctl/table.h"

static const struct column service_columns[] = {
	{ "SERVICE", "name", COLUMN_TEXT },
	{ "STATE", "state", COLUMN_TEXT },
	{ "SESSIONS", "sessions", COLUMN_NUMBER },
	{ "CALLS/S", "calls_s", COLUMN_NUMBER },
	{ "FAILED/S", "failed_s", COLUMN_NUMBER },
	{ "BUSY", "busy", COLUMN_NUMBER },
	{ "QUEUED", "queued", COLUMN_NUMBER },
	{ "IN/S", "received_s", COLUMN_SIZE },
	{ "OUT/S", "sent_s", COLUMN_SIZE },
	{ "ADDRESS", "url", COLUMN_TEXT },
};

static const struct column command_columns[] = {
	{ "OF", "service", COLUMN_TEXT },
	{ "COMMAND", "command", COLUMN_TEXT },
	{ "PER S", "per_s", COLUMN_NUMBER },
	{ "FAILED/S", "failed_s", COLUMN_NUMBER },
	{ "MEAN MS", "mean_ms", COLUMN_NUMBER },
	{ "95% MS", "p95_ms", COLUMN_NUMBER },
};

/* "imap: 12 selected, 3 authenticated" */
static void
print_sessions(FILE *to, const json_t *sessions)
{
	const char *protocol, *state;
	json_t *states, *n;

	json_object_foreach((json_t *)(uintptr_t)sessions, protocol, states) {
		const char *before = " ";
		fprintf(to, "%s:", protocol);
		json_object_foreach(states, state, n) {
			if (json_integer_value(n) == 0)
				continue;
			fprintf(to, "%s%lld %s", before, (long long)json_integer_value(n), state);
			before = ", ";
		}
		fprintf(to, *before == ' ' ? " none   " : "   ");
	}
	fputs("\n\n", to);
}

void
screen_print(FILE *to, const json_t *sample, enum rates_order order)
{
	json_t *commands = json_object_get(sample, "commands");

	print_sessions(to, json_object_get(sample, "sessions"));
	table_print(to, json_object_get(sample, "services"), service_columns,
	    sizeof(service_columns) / sizeof(service_columns[0]));
	fputc('\n', to);
	rates_sort(commands, order);
	table_print(to, commands, command_columns, sizeof(command_columns) / sizeof(command_columns[0]));
}

/* --- the terminal ------------------------------------------------------------------------- */

static SCREEN *terminal;

bool
screen_begin(void)
{
	setlocale(LC_CTYPE, "");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !(terminal = newterm(NULL, stdout, stdin)))
		return false;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

void
screen_end(void)
{
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

/* Titles of tables are the lines that begin with a capital. */
static void
draw_line(int row, struct span line)
{
	bool title = line.len && line.at[0] >= 'A' && line.at[0] <= 'Z';

	if (title)
		attron(A_BOLD);
	mvaddnstr(row, 0, line.at ? line.at : "", (int)table_fit(line, (size_t)COLS));
	if (title)
		attroff(A_BOLD);
}

static void
draw_head(enum rates_order order, int64_t interval_ms, bool paused)
{
	char text[256], now[32] = "";
	time_t t = time(NULL);
	struct tm local;

	if (localtime_r(&t, &local))
		strftime(now, sizeof(now), "%H:%M:%S", &local);
	snprintf(text, sizeof(text), CTL_PROGRAM " top  %s  every %.1f s, by %s%s   q quit  p pause  s sort  + - pace",
	    now, (double)interval_ms / 1000, order == RATES_BY_RATE ? "rate" : "time", paused ? "  PAUSED" : "");
	attron(A_REVERSE);
	mvprintw(0, 0, "%-*.*s", COLS, COLS, text);
	attroff(A_REVERSE);
}

void
screen_draw(const json_t *sample, enum rates_order order, int64_t interval_ms, bool paused)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	screen_print(to, sample, order);
	fclose(to);
	erase();
	draw_head(order, interval_ms, paused);
	struct span rest = span_of(text, len);
	for (int row = 1; rest.at && row < LINES; row++)
		draw_line(row, span_cut(&rest, '\n'));
	refresh();
	free(text);
}

int
screen_key(int64_t ms)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	timeout((int)ms);
	int key = getch();
	if (key != ERR)
		return key;
	return poll(&input, 1, 0) > 0 && input.revents & (POLLHUP | POLLERR | POLLNVAL) ? SCREEN_GONE : 0;
}
