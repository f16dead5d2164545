/*
 * test_mail.c - real messages in a mailbox of their own, for tests
 */
#include "storesvc/testing/test_mail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/panic.h"
#include "base/test.h"
#include "mail/line_ends.h"
#include "mail/message_scan.h"

static void
write_file(struct test_box *t, const char *path, struct span bytes)
{
	int fd = openat(t->dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_that(fd >= 0 && io_write_all(fd, bytes));
	close(fd);
}

/* As it will be on disk. */
static struct span
stored(struct arena *a, struct span message)
{
	struct crlf_to_lf convert = { false };
	struct message_scan scan;

	message_scan_init(&scan);
	message_scan_feed(&scan, message);
	if (!message_scan_clean(&scan))
		return message;
	char *at = arena_bytes(a, message.len + 1);
	return span_of(at, crlf_to_lf(&convert, message, at));
}

uint32_t
test_mail_append_at(struct test_box *t, struct span message, int64_t received, const char *flag)
{
	char *names[] = { (char *)flag };
	struct arrival arrival = { .dir = t->dir, .file = "tmp/arrival", .mark = "", .received = received };
	struct arena a;
	uint32_t uid = 0;

	arena_init(&a, 0);
	struct span bytes = stored(&a, message);
	arrival.size = bytes.len;
	arrival.vsize = message.len;
	write_file(t, arrival.file, bytes);
	const struct timespec times[2] = { { .tv_sec = received }, { .tv_sec = received } };
	assert_that(utimensat(t->dir, arrival.file, times, 0) == 0);
	assert_that(status_ok(mailbox_flags_named(&a, t->box, names, flag ? 1 : 0, true, &arrival.flags)));
	assert_that(status_ok(mailbox_append(t->box, &arrival, &uid)));
	arena_release(&a);
	return uid;
}

uint32_t
test_mail_append(struct test_box *t, struct span message)
{
	return test_mail_append_at(t, message, 1700000000, NULL);
}

uint32_t
test_mail_deliver(struct test_box *t, struct span bytes)
{
	static unsigned count;
	char name[100];

	mailbox_lock_read(t->box);
	uint32_t uid = mailbox_uidnext(t->box);
	mailbox_unlock(t->box);
	snprintf(name, sizeof(name), "new/1700000000.M%uP1.host", ++count);
	write_file(t, name, bytes);
	assert_that(status_ok(mailbox_refresh(t->box)));
	return uid;
}

char *
test_mail_path(struct test_box *t, struct arena *a, uint32_t uid)
{
	char name[MESSAGE_FILE_MAX];

	mailbox_lock_read(t->box);
	struct message *m = mailbox_find(t->box, uid);
	assert_that(m);
	mailbox_file_name(t->box, m, name);
	mailbox_unlock(t->box);
	return arena_printf(a, "%s/cur/%s", t->path, name);
}

struct span
test_mail_served(struct arena *a, struct span bytes)
{
	struct buf b;

	buf_init(&b, 0);
	lf_to_crlf_all(bytes, &b);
	struct span served = arena_span(a, buf_view(&b));
	buf_release(&b);
	return served;
}

static void
add_text(struct buf *b, const char *eol)
{
	for (unsigned lines = test_below(12); lines > 0; lines--) {
		for (unsigned words = test_below(20); words > 0; words--)
			buf_printf(b, "word%u ", test_below(1000));
		if (test_below(60) == 0)
			buf_str(b, "bare\rreturn\nfeed");
		buf_str(b, eol);
	}
}

static void
add_part(struct buf *b, const char *eol, unsigned depth)
{
	unsigned boundary = test_below(100000);

	switch (depth < 4 ? test_below(5) : 4) {
	case 0: case 1:
		buf_printf(b, "Content-Type: multipart/mixed; boundary=\"b%u\"%s%s", boundary, eol, eol);
		add_text(b, eol);
		for (unsigned parts = test_below(4); parts > 0; parts--) {
			buf_printf(b, "%s--b%u%s", eol, boundary, eol);
			add_part(b, eol, depth + 1);
		}
		buf_printf(b, "%s--b%u--%s", eol, boundary, eol);
		break;
	case 2:
		buf_printf(b, "Content-Type: message/rfc822%s%sSubject: inside%s", eol, eol, eol);
		add_part(b, eol, depth + 1);
		break;
	default:
		buf_printf(b, "Content-Type: text/plain; charset=utf-8%s%s", eol, eol);
		add_text(b, eol);
		break;
	}
}

struct span
test_mail_random(struct arena *a)
{
	/* Mostly as clients send it; some with LF only, which is then served raw. */
	const char *eol = test_below(8) ? "\r\n" : "\n";
	struct buf b;

	buf_init(&b, 0);
	buf_printf(&b, "From: Somebody <s%u@example.test>%s", test_below(100), eol);
	buf_printf(&b, "To: a@example.test,%s\tb@example.test%s", eol, eol);
	buf_printf(&b, "Subject: number %u%s", test_below(100), eol);
	if (test_below(2))
		buf_printf(&b, "Received: from here%s by there%s", eol, eol);
	if (test_below(2))
		buf_printf(&b, "Date: Mon, 7 Feb 1994 21:52:25 -0800%s", eol);
	if (test_below(16))
		add_part(&b, eol, 0);
	struct span message = arena_span(a, buf_view(&b));
	buf_release(&b);
	return message;
}
