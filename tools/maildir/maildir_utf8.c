/*
 * maildir_utf8.c - folders whose names are modified UTF-7 on disk get names in UTF-8
 *
 *	plan	every folder and its new name; trouble is told for all of them
 *	files	subscriptions and the filter, written when the plan is good
 *	rename	the folders
 *
 * Whatever ends it in between, doing it again completes it.
 */
#include "tools/maildir/maildir_utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/map.h"
#include "mail/mutf7.h"
#include "mail/utf8.h"

#define SUBSCRIPTIONS "courierimapsubscribed"
#define LARGEST_FILE (16 << 20)

struct folder {
	const char *old, *new;		/* with the first dot */
	struct folder *next;
};

struct plan {
	struct arena arena;
	bool convert;
	FILE *report;
	struct map names;		/* as they will be: no two may be one */
	struct folder *first, **last;
	bool bad;
};

/* "&...-", taken off the front of *rest. False: that is no modified UTF-7. */
static bool
put_shift(struct arena *a, struct span *rest, struct buf *out)
{
	struct span shift = span_head(*rest, span_index(*rest, '-') + 1), text = shift;

	*rest = span_skip(*rest, shift.len);
	if (!span_eq(shift, SPAN_LIT("&-")) && !span_eq(shift, SPAN_LIT("&AC4-")) && !mutf7_decode(a, shift, &text))
		return false;
	buf_span(out, text);
	return true;
}

static bool
has_eighth_bit(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] >= 0x80)
			return true;
	return false;
}

bool
maildir_utf8_name(struct arena *a, struct span name, struct span *out)
{
	struct buf made;
	bool good = true;

	if (has_eighth_bit(name)) {
		*out = name;
		return utf8_valid(name, name.len);
	}
	buf_init(&made, 0);
	for (struct span rest = name; rest.len && good;) {
		size_t plain = span_index(rest, '&');
		buf_span(&made, span_head(rest, plain));
		rest = span_skip(rest, plain);
		if (rest.len)
			good = put_shift(a, &rest, &made);
	}
	*out = arena_span(a, buf_view(&made));
	buf_release(&made);
	return good;
}

static bool
ends_name(char c)
{
	return c == '/' || c == '"' || c == '\'' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
maildir_utf8_text(struct arena *a, struct span text, struct buf *out)
{
	while (text.len) {
		size_t dot = span_index(text, '.'), end = dot + 1;
		buf_span(out, span_head(text, dot + 1));
		while (end < text.len && !ends_name(text.at[end]))
			end++;
		struct span name = span_head(span_skip(text, dot + 1), end > dot + 1 ? end - dot - 1 : 0), made;
		buf_span(out, maildir_utf8_name(a, name, &made) ? made : name);
		text = span_skip(text, end);
	}
}

static void
complain(struct plan *p, const char *what, struct span name)
{
	fprintf(p->report, "%s: %.*s\n", what, (int)name.len, name.at);
	p->bad = true;
}

static void
plan_folder(struct plan *p, const char *entry)
{
	struct span name = span_str(entry + 1), new;

	if (!maildir_utf8_name(&p->arena, name, &new)) {
		complain(p, "Neither modified UTF-7 nor UTF-8", name);
		return;
	}
	if (map_put(&p->names, new, p))
		complain(p, "Two folders would be called", new);
	if (span_eq(name, new))
		return;
	struct folder *f = ARENA_NEW(&p->arena, struct folder);
	f->old = arena_strdup(&p->arena, entry);
	f->new = arena_printf(&p->arena, ".%.*s", (int)new.len, new.at);
	*p->last = f;
	p->last = &f->next;
	fprintf(p->report, "Rename INBOX.%.*s to INBOX.%.*s\n", (int)name.len, name.at, (int)new.len, new.at);
}

static struct status
plan_folders(struct plan *p, int dir)
{
	DIR *d = fdopendir(dup(dir));

	if (!d)
		return status_make(STATUS_UNAVAILABLE, strerror(errno));
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] == '.' && e->d_name[1] && strcmp(e->d_name, "..") != 0)
			plan_folder(p, e->d_name);
	closedir(d);
	return STATUS_FINE;
}

/* A line is "INBOX.NAME"; what cannot be read stays. */
static void
convert_subscriptions(struct plan *p, struct span text, struct buf *out)
{
	struct span name;

	while (text.at && text.len) {
		struct span line = span_cut(&text, '\n');
		if (!maildir_utf8_name(&p->arena, line, &name)) {
			complain(p, "Neither modified UTF-7 nor UTF-8, in " SUBSCRIPTIONS, line);
			name = line;
		}
		buf_span(out, name);
		buf_char(out, '\n');
	}
}

/* `dir`/`name`, read and, when all is well and it changes, written. */
static struct status
convert_file(struct plan *p, int dir, const char *name, bool subscriptions)
{
	struct stat info;
	struct buf text, out;

	/* As /dev/null, which says that there is no such file. */
	if (fstatat(dir, name, &info, 0) == 0 && S_ISCHR(info.st_mode))
		return STATUS_FINE;
	buf_init(&text, 0);
	buf_init(&out, 0);
	struct status st = io_read_file(dir, name, LARGEST_FILE, &text);
	if (status_ok(st)) {
		if (subscriptions)
			convert_subscriptions(p, buf_view(&text), &out);
		else
			maildir_utf8_text(&p->arena, buf_view(&text), &out);
	}
	if (status_ok(st) && !span_eq(buf_view(&text), buf_view(&out))) {
		fprintf(p->report, "%s %s\n", p->convert && !p->bad ? "Updating" : "To be updated:", name);
		if (p->convert && !p->bad)
			st = io_rewrite_file(dir, name, buf_view(&out), 0600);
	}
	buf_release(&text);
	buf_release(&out);
	return st.code == STATUS_NOT_FOUND ? STATUS_FINE : st;
}

static struct status
convert_filter(struct plan *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = slash ? arena_strndup(&p->arena, path, (size_t)(slash - path) + 1) : ".";
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return status_make(STATUS_NOT_FOUND, strerror(errno));
	struct status st = convert_file(p, dir, slash ? slash + 1 : path, false);
	close(dir);
	return st;
}

static struct status
rename_folders(const struct plan *p, int dir)
{
	for (const struct folder *f = p->first; f; f = f->next)
		if (renameat(dir, f->old, dir, f->new) < 0)
			return status_make(STATUS_UNAVAILABLE, strerror(errno));
	return STATUS_FINE;
}

static struct status
run(struct plan *p, int dir, const char *filter)
{
	struct status st = plan_folders(p, dir);

	if (status_ok(st))
		st = convert_file(p, dir, SUBSCRIPTIONS, true);
	if (status_ok(st) && filter)
		st = convert_filter(p, filter);
	if (!status_ok(st))
		return st;
	if (p->bad)
		return status_make(STATUS_INVALID, "nothing was changed");
	return p->convert ? rename_folders(p, dir) : st;
}

struct status
maildir_utf8_convert(const char *maildir, const char *filter, bool convert, FILE *report)
{
	struct plan p = { .convert = convert, .report = report };
	int dir = open(maildir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return status_make(STATUS_NOT_FOUND, strerror(errno));
	arena_init(&p.arena, 0);
	map_init(&p.names);
	p.last = &p.first;
	struct status st = run(&p, dir, filter);
	map_release(&p.names);
	arena_release(&p.arena);
	close(dir);
	return st;
}
