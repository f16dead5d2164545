/*
 * keyword_log.c - the file posthouse-keywords: keywords without a letter
 *
 * One line per change: "UID INDEX INDEX..."; of several lines for one UID the
 * last counts, and no index at all means none. Appended to with one write; written
 * anew when it has grown to several times what it needs. The index file of a
 * cleanly closed mailbox holds the same, so this is read after crashes only.
 */
#include "storesvc/mailbox/inside.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"

#define KEYWORD_LOG_FILE "posthouse-keywords"
#define FILE_LIMIT ((size_t)1 << 30)
#define KEYWORDS_MAX 4096		/* on one message */
#define REWRITE_FROM ((off_t)256 << 10)

static void
add_line(struct buf *lines, uint32_t uid, const struct flagset *set)
{
	buf_number(lines, uid);
	for (size_t i = 0; i < set->high_count; i++) {
		buf_char(lines, ' ');
		buf_number(lines, set->high[i]);
	}
	buf_char(lines, '\n');
}

static void
all_lines(struct mailbox *box, struct buf *lines)
{
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m)) {
		const struct flagset *set = mailbox_flagset(box, m->flagset);
		if (set->high_count)
			add_line(lines, m->uid, set);
	}
}

/* Only what is needed, when the log is four times as long. identity_lock held. */
static struct status
rewrite(struct mailbox *box)
{
	struct status st = STATUS_FINE;
	struct buf lines;

	buf_init(&lines, 0);
	mailbox_lock_read(box);
	all_lines(box, &lines);
	mailbox_unlock(box);
	if (lines.len * 4 < (size_t)box->keyword_log_size) {
		fence_check();
		st = io_replace_file(box->dir, KEYWORD_LOG_FILE, buf_view(&lines), 0600);
		box->keyword_log_size = (off_t)lines.len;
	}
	buf_release(&lines);
	return st;
}

/*
 * A full disk may have left half a line at the end. Its last number may be half of another one, so
 * a letter makes the line one that is passed over.
 */
static bool
end_torn_line(int fd, off_t size)
{
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		return false;
	return last == '\n' || io_write_all(fd, SPAN_LIT("x\n"));
}

static struct status
append(struct mailbox *box, struct span lines)
{
	struct stat info;
	int fd;

	fence_check();
	struct status st = io_open_file(box->dir, KEYWORD_LOG_FILE, IO_APPEND, &fd, &info);
	if (!status_ok(st))
		return st;
	if (!end_torn_line(fd, info.st_size) || !io_write_all(fd, lines) ||
	    (box->policy.fsync == FSYNC_ALWAYS && fdatasync(fd) < 0)) {
		st = io_status(errno, "write", KEYWORD_LOG_FILE);
		/* Without what was written of it, if it can be had so. */
		if (ftruncate(fd, info.st_size) < 0)
			log_warn("cannot cut a %s: %m", KEYWORD_LOG_FILE);
	}
	close(fd);
	/* As long as it is on disk: an index that was believed told nothing of it. */
	box->keyword_log_size = info.st_size + (off_t)lines.len;
	return st;
}

/* What is written is how things stand now, so of two changes at once both may come last. */
struct status
keyword_log_append(struct mailbox *box, const struct uidset *uids)
{
	struct buf lines;

	if (uids->count == 0)
		return STATUS_FINE;
	buf_init(&lines, 0);
	pthread_mutex_lock(&box->identity_lock);
	mailbox_lock_read(box);
	for (size_t i = 0; i < uids->count; i++) {
		struct message *m = mailbox_from(box, uids->runs[i].first);
		for (; m && m->uid <= uids->runs[i].last; m = mailbox_after(box, m))
			add_line(&lines, m->uid, mailbox_flagset(box, m->flagset));
	}
	mailbox_unlock(box);
	struct status st = append(box, buf_view(&lines));
	if (status_ok(st) && box->keyword_log_size > REWRITE_FROM)
		st = rewrite(box);
	pthread_mutex_unlock(&box->identity_lock);
	buf_release(&lines);
	return st;
}

/* Not for the identity that is about to be written. */
void
keyword_log_drop(struct mailbox *box)
{
	fence_check();
	if (unlinkat(box->dir, KEYWORD_LOG_FILE, 0) < 0 && errno != ENOENT)
		log_warn("cannot remove a %s: %m", KEYWORD_LOG_FILE);
	box->keyword_log_size = 0;
}

/* "77 26 31"; false: not written by us, passed over. */
static bool
read_line(struct span line, uint64_t *uid, uint32_t *high, size_t *out_count)
{
	struct span word = span_cut(&line, ' ');
	size_t count = 0;

	if (!span_number(word, UINT32_MAX, uid))
		return false;
	while (line.at) {
		uint64_t index;
		word = span_cut(&line, ' ');
		if (count == KEYWORDS_MAX || !span_number(word, UINT32_MAX, &index) || index < KEYWORD_LETTERS ||
		    index >= KEYWORD_NUMBERS)
			return false;
		if (count && index <= high[count - 1])
			return false;
		high[count++] = (uint32_t)index;
	}
	*out_count = count;
	return true;
}

/*
 * Give the messages their keywords; not yet shared. A last line without its end was not acknowledged. Of a log that
 * cannot be read to its end, what can be read counts.
 */
struct status
keyword_log_read(struct mailbox *box)
{
	struct buf text;
	uint32_t *high = mem_alloc(KEYWORDS_MAX * sizeof(*high));

	buf_init(&text, 0);
	struct status st = io_read_file(box->dir, KEYWORD_LOG_FILE, FILE_LIMIT, &text);
	struct span rest = buf_view(&text);
	box->keyword_log_size = (off_t)text.len;
	while (span_index(rest, '\n') < rest.len) {
		struct span line = span_cut(&rest, '\n');
		uint64_t uid;
		size_t count;
		if (!read_line(line, &uid, high, &count))
			continue;
		if (count && box->keyword_next <= high[count - 1])
			box->keyword_next = high[count - 1] + 1;
		struct message *m = mailbox_find(box, (uint32_t)uid);
		if (m)
			m->flagset = messages_flagset(box, mailbox_flagset(box, m->flagset)->letters, high, count);
	}
	buf_release(&text);
	free(high);
	/* Too long, or not to be read: the messages are, all the same. */
	if (st.code != STATUS_NOT_FOUND && st.code != STATUS_UNAVAILABLE && !status_ok(st))
		log_error("the keywords of a mailbox that have no letter are lost: its %s is not readable", KEYWORD_LOG_FILE);
	return st.code == STATUS_UNAVAILABLE ? st : STATUS_FINE;
}
