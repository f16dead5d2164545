/*
 * subscriptions.c - the file courierimapsubscribed
 */
#include "storesvc/account/subscriptions.h"

#include "base/io.h"
#include "storesvc/account/account_table.h"
#include "storesvc/fence/fence.h"
#include "storesvc/foreign/dovecot_subscriptions.h"
#include "storesvc/maildir/path.h"

#define SUBSCRIPTIONS_FILE "courierimapsubscribed"
#define DOVECOT_FILE "subscriptions"
#define FILE_LIMIT ((size_t)16 << 20)

/* "INBOX.Sent" -> "Sent"; false: no name of ours (a shared folder's), which the file keeps. */
static bool
line_to_name(struct arena *a, struct span line, struct span *out)
{
	const struct span inbox = SPAN_LIT("INBOX");

	if (span_eq_nocase(line, inbox)) {
		*out = inbox;
		return true;
	}
	return span_starts_nocase(line, inbox) && path_to_name(a, span_skip(line, inbox.len), out);
}

/* What Dovecot has left counts until there is a file of ours. */
static struct status
read_dovecot(struct account *account, struct buf *out)
{
	struct buf text;

	buf_init(&text, 0);
	struct status st = io_read_file(account_dir(account), DOVECOT_FILE, FILE_LIMIT, &text);
	if (status_ok(st))
		dovecot_subscriptions_convert(buf_view(&text), out);
	buf_release(&text);
	return st;
}

static struct status
read_text(struct account *account, struct buf *out)
{
	struct status st = io_read_file(account_dir(account), SUBSCRIPTIONS_FILE, FILE_LIMIT, out);

	if (st.code == STATUS_NOT_FOUND)
		st = read_dovecot(account, out);
	return st.code == STATUS_NOT_FOUND ? STATUS_FINE : st;
}

struct status
subscriptions_read(struct account *account, struct arena *a, struct map *out)
{
	static char subscribed;
	struct buf text;
	struct span name;

	map_init(out);
	buf_init(&text, 0);
	struct status st = read_text(account, &text);
	for (struct span rest = buf_view(&text); status_ok(st) && rest.at;) {
		if (line_to_name(a, span_cut(&rest, '\n'), &name))
			(void)map_put(out, name, &subscribed);
	}
	buf_release(&text);
	return st;
}

/* The file with the name's lines left out and, when subscribed, one put at the end. */
static void
rewrite(struct arena *a, struct span text, struct span name, const char *directory, bool subscribed, struct buf *out)
{
	while (text.at) {
		struct span line = span_cut(&text, '\n'), other;
		if (line.len == 0 || (line_to_name(a, line, &other) && span_eq(other, name)))
			continue;
		buf_span(out, line);
		buf_char(out, '\n');
	}
	if (subscribed)
		buf_printf(out, "INBOX%s\n", strcmp(directory, ".") == 0 ? "" : directory);
}

struct status
subscriptions_set(struct account *account, struct span name, bool subscribed)
{
	struct arena scratch;
	struct buf old, new;
	const char *directory;

	arena_init(&scratch, 0);
	buf_init(&old, 0);
	buf_init(&new, 0);
	pthread_mutex_lock(account_files_lock(account));
	struct status st = path_of_name(&scratch, name, &directory);
	if (status_ok(st))
		st = read_text(account, &old);
	if (status_ok(st)) {
		rewrite(&scratch, buf_view(&old), name, directory, subscribed, &new);
		if (span_cmp(buf_view(&old), buf_view(&new)) != 0) {
			fence_check();
			st = io_replace_file(account_dir(account), SUBSCRIPTIONS_FILE, buf_view(&new), 0600);
		}
	}
	pthread_mutex_unlock(account_files_lock(account));
	buf_release(&old);
	buf_release(&new);
	arena_release(&scratch);
	return st;
}
