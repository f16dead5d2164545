/*
 * maildirmake - make Maildirs and folders in them
 *
 *	maildirmake [-q QUOTA] [-S] MAILDIR
 *	maildirmake [-s read|write[,group]] -f FOLDER | -F FOLDER MAILDIR
 *	maildirmake --add NAME=PATH MAILDIR
 *	maildirmake --del NAME MAILDIR
 *	maildirmake --checkutf8 | --convutf8 MAILDIR [MAILFILTER]
 *
 * -f takes the folder's name as it is on disk, -F in the character set of the terminal; levels are
 * separated by dots. -S makes a Maildir in which folders made with -s can be shared. Exits 0, 1 for
 * failure, 64 for a wrong command line.
 */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "mail/charset.h"
#include "mail/utf8.h"
#include "tools/maildir/maildir_make.h"
#include "tools/maildir/maildir_shared.h"
#include "tools/maildir/maildir_utf8.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: maildirmake [-q QUOTA] [-S] MAILDIR\n"
    "       maildirmake [-s read|write[,group]] -f FOLDER | -F FOLDER MAILDIR\n"
    "       maildirmake --add NAME=PATH MAILDIR\n"
    "       maildirmake --del NAME MAILDIR\n"
    "       maildirmake --checkutf8 | --convutf8 MAILDIR [MAILFILTER]\n";

#define EX_USAGE 64

enum action { MAKE, FOLDER, TERMINAL_FOLDER, ADD, DEL, CHECK_UTF8, CONVERT_UTF8 };

struct command {
	struct arena arena;
	enum action action;
	const char *word;		/* FOLDER, NAME=PATH, NAME */
	const char *quota, *share;
	bool sharable;
	const char *maildir, *filter;
};

static int
usage(void)
{
	fputs(usage_text, stderr);
	return EX_USAGE;
}

/*
 * The name as storesvc would write it: UTF-8, with "&" escaped, for that begins modified UTF-7. A terminal that says
 * it knows nothing but ASCII is taken for one that was not asked. Empty when it is no text.
 */
static struct span
name_on_disk(struct command *c, const char *typed)
{
	struct span charset = span_str(nl_langinfo(CODESET));
	struct buf utf8, escaped;

	buf_init(&utf8, 0);
	buf_init(&escaped, 0);
	if (charset_known(charset) && charset_family(charset) != charset_family(SPAN_LIT("US-ASCII")))
		charset_to_utf8(charset, span_str(typed), &utf8);
	else
		buf_str(&utf8, typed);
	if (!utf8_valid(buf_view(&utf8), utf8.len))
		buf_reset(&utf8);
	for (size_t i = 0; i < utf8.len; i++) {
		buf_char(&escaped, utf8.at[i]);
		if (utf8.at[i] == '&')
			buf_char(&escaped, '-');
	}
	struct span name = arena_span(&c->arena, buf_view(&escaped));
	buf_release(&utf8);
	buf_release(&escaped);
	return name;
}

static struct status
make_folder(struct command *c)
{
	struct span name = c->action == FOLDER ? span_str(c->word) : name_on_disk(c, c->word);
	struct maildir_modes modes = { 0700, 0700 };

	if (c->share && !maildir_shared_modes(span_str(c->share), &modes))
		return status_make(STATUS_INVALID, "a folder is shared for read or write, and group if wanted");
	return maildir_make_folder(c->maildir, name, modes);
}

static struct status
make_maildir(struct command *c)
{
	struct maildir_modes modes = c->sharable ? MAILDIR_SHARABLE : MAILDIR_PRIVATE;

	return c->quota ? maildir_set_quota(c->maildir, span_str(c->quota), modes) : maildir_make(c->maildir, modes);
}

static struct status
add(const struct command *c)
{
	struct span path = span_str(c->word), name = span_cut(&path, '=');

	return path.at ? maildir_shared_add(c->maildir, name, path.at) : status_make(STATUS_INVALID, "say NAME=PATH");
}

static struct status
act(struct command *c)
{
	switch (c->action) {
	case MAKE:
		return make_maildir(c);
	case FOLDER: case TERMINAL_FOLDER:
		return make_folder(c);
	case ADD:
		return add(c);
	case DEL:
		return maildir_shared_remove(c->maildir, span_str(c->word));
	case CHECK_UTF8: case CONVERT_UTF8:
		break;
	}
	return maildir_utf8_convert(c->maildir, c->filter, c->action == CONVERT_UTF8, stdout);
}

static const struct option long_options[] = {
	{ "add", required_argument, NULL, ADD },
	{ "del", required_argument, NULL, DEL },
	{ "checkutf8", no_argument, NULL, CHECK_UTF8 },
	{ "convutf8", no_argument, NULL, CONVERT_UTF8 },
	{ NULL, 0, NULL, 0 },
};

/* One of the things that exclude each other. */
static bool
choose(struct command *c, enum action action)
{
	bool first = c->action == MAKE;

	c->action = action;
	c->word = optarg;
	return first;
}

static bool
parse(struct command *c, int argc, char **argv)
{
	bool good = true;
	int option;

	while (good && (option = getopt_long(argc, argv, "q:Ss:f:F:", long_options, NULL)) != -1) {
		switch (option) {
		case 'q': c->quota = optarg; break;
		case 'S': c->sharable = true; break;
		case 's': c->share = optarg; break;
		case 'f': good = choose(c, FOLDER); break;
		case 'F': good = choose(c, TERMINAL_FOLDER); break;
		case '?': good = false; break;
		default: good = choose(c, (enum action)option); break;
		}
	}
	bool folder = c->action == FOLDER || c->action == TERMINAL_FOLDER;
	bool utf8 = c->action == CHECK_UTF8 || c->action == CONVERT_UTF8;
	int words = argc - optind;
	if (!good || (c->share && !folder) || ((c->sharable || c->quota) && c->action != MAKE))
		return false;
	if (words < 1 || words > 1 + utf8)
		return false;
	c->maildir = argv[optind];
	c->filter = argv[optind + 1];
	return true;
}

int
main(int argc, char **argv)
{
	struct command c = { .action = MAKE };

	tool_usage("maildirmake", usage_text, argc, argv);
	setlocale(LC_CTYPE, "");
	log_init("maildirmake", LOG_LEVEL_WARN);
	if (!parse(&c, argc, argv))
		return usage();
	arena_init(&c.arena, 0);
	struct status st = act(&c);
	if (!status_ok(st))
		fprintf(stderr, "maildirmake: %s%s%s: %s\n", c.maildir, c.word ? ": " : "", c.word ? c.word : "", st.text);
	arena_release(&c.arena);
	return status_ok(st) ? 0 : 1;
}
