/*
 * imap - just enough of an IMAP client to make a server work
 */
#include "bench/imap.h"

#include "base/buf.h"
#include "bench/accounts.h"
#include "bench/fail.h"

/* The number at the start of *s, which moves behind it and one space. */
static bool
take_number(struct span *s, uint64_t *out)
{
	struct span rest = *s, word = span_cut(&rest, ' ');

	if (!span_number(word, UINT32_MAX, out))
		return false;
	*s = rest;
	return true;
}

static void
note_search(struct imap *im, struct span numbers)
{
	uint64_t n;

	while (numbers.at && take_number(&numbers, &n))
		im->found++;
}

static void
note_untagged(struct imap *im, struct span line)
{
	uint64_t n;

	line = span_skip(line, 2);
	if (take_number(&line, &n)) {
		if (span_starts(line, SPAN_LIT("FETCH ")))
			im->fetched++;
		else if (span_eq(line, SPAN_LIT("EXISTS")))
			im->exists = (uint32_t)n;
	} else if (span_starts(line, SPAN_LIT("SEARCH "))) {
		note_search(im, span_skip(line, 7));
	} else if (span_starts(line, SPAN_LIT("OK [UIDNEXT "))) {
		line = span_skip(line, 12);
		if (span_number(span_cut(&line, ']'), UINT32_MAX, &n))
			im->uidnext = (uint32_t)n;
	}
}

/* A line that ends in {n} goes on after n bytes: skip them, and the rest of the response. */
static void
skip_literals(struct imap *im, struct span line)
{
	while (line.len && line.at[line.len - 1] == '}') {
		size_t open = span_rindex(line, '{');
		uint64_t len;

		if (open >= line.len ||
		    !span_number(span_of(line.at + open + 1, line.len - open - 2), UINT32_MAX, &len))
			return;
		conn_skip(&im->conn, len);
		im->octets += len;
		line = conn_line(&im->conn);
	}
}

static void
await_tagged(struct imap *im, const char *what)
{
	char tag[16];
	size_t tag_len = (size_t)snprintf(tag, sizeof(tag), "A%u ", im->tag);

	for (;;) {
		struct span line = conn_line(&im->conn);

		if (span_starts(line, SPAN_LIT("* "))) {
			note_untagged(im, line);
			skip_literals(im, line);
		} else if (span_starts(line, span_of(tag, tag_len))) {
			if (!span_starts(span_skip(line, tag_len), SPAN_LIT("OK")))
				bench_fail("%s: the server answers %.*s", what, (int)line.len, line.at);
			return;
		} else {
			line = span_head(line, 200);
			bench_fail("%s: the server says %.*s", what, (int)line.len, line.at);
		}
	}
}

void
imap_open(struct imap *im, const struct target *to, bool tls)
{
	struct span line;

	*im = (struct imap){ .tag = 0 };
	conn_open(&im->conn, to->host, tls ? to->tls_port : to->port, tls);
	line = conn_line(&im->conn);
	if (!span_starts(line, SPAN_LIT("* OK")))
		bench_fail("greeting: %.*s", (int)line.len, line.at);
}

void
imap_close(struct imap *im)
{
	conn_close(&im->conn);
}

void
imap_command(struct imap *im, const char *format, ...)
{
	struct buf command;
	va_list args;

	buf_init(&command, 0);
	buf_printf(&command, "A%u ", ++im->tag);
	va_start(args, format);
	buf_vprintf(&command, format, args);
	va_end(args);
	buf_str(&command, "\r\n");
	conn_send(&im->conn, buf_view(&command));
	command.len -= 2;		/* what remains is for messages */
	buf_char(&command, '\0');
	await_tagged(im, command.at);
	buf_release(&command);
}

void
imap_login(struct imap *im, unsigned account)
{
	imap_command(im, "LOGIN " ACCOUNT_FORMAT " " ACCOUNT_PASSWORD, account);
}

void
imap_logout(struct imap *im)
{
	imap_command(im, "LOGOUT");
	conn_drain(&im->conn);
	conn_close(&im->conn);
}

void
imap_append(struct imap *im, const char *mailbox, struct span message)
{
	struct buf b;

	buf_init(&b, 0);
	buf_printf(&b, "A%u APPEND %s (\\Seen) {%zu+}\r\n", ++im->tag, mailbox, message.len);
	buf_span(&b, message);
	buf_str(&b, "\r\n");
	conn_send(&im->conn, buf_view(&b));
	await_tagged(im, "APPEND");
	buf_release(&b);
}

void
imap_idle(struct imap *im)
{
	char command[32];
	int len = snprintf(command, sizeof(command), "A%u IDLE\r\n", ++im->tag);

	conn_send(&im->conn, span_of(command, (size_t)len));
	for (;;) {
		struct span line = conn_line(&im->conn);

		if (span_starts(line, SPAN_LIT("+")))
			return;
		if (!span_starts(line, SPAN_LIT("* ")))
			bench_fail("IDLE: %.*s", (int)line.len, line.at);
		note_untagged(im, line);
	}
}

void
imap_done(struct imap *im)
{
	conn_send(&im->conn, SPAN_LIT("DONE\r\n"));
	await_tagged(im, "DONE");
}

void
imap_listen(struct imap *im)
{
	struct span line;

	while (conn_line_now(&im->conn, &line)) {
		if (!span_starts(line, SPAN_LIT("* ")))
			bench_fail("while idle: %.*s", (int)line.len, line.at);
		note_untagged(im, line);
	}
}
