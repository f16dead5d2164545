/*
 * epoch.c - whose turn it is to own a tree
 */
#include "storesvc/fence/epoch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/log.h"
#include "base/panic.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define UNKNOWN "-"

/* A word of the line: neither empty nor with anything in it that would end it. */
static void
set_word(char *to, size_t room, struct span text)
{
	size_t len = 0;

	while (len < text.len && len < room - 1 && text.at[len] > ' ' && text.at[len] < 0x7f)
		len++;
	if (len == 0) {
		text = SPAN_LIT(UNKNOWN);
		len = text.len;
	}
	memcpy(to, text.at, len);
	to[len] = '\0';
}

struct epoch
epoch_next(const struct epoch *before)
{
	struct epoch e = { .number = before ? before->number + 1 : 1 };
	unsigned char random[8];
	char host[sizeof(e.host)] = "";
	struct buf boot;

	assert_that(getrandom(random, sizeof(random), 0) == sizeof(random));
	hex_encode(span_of(random, sizeof(random)), e.instance);	/* e is zeroed: terminated */
	(void)gethostname(host, sizeof(host) - 1);
	set_word(e.host, sizeof(e.host), span_str(host));
	buf_init(&boot, 0);
	bool known = status_ok(io_read_path(BOOT_ID_PATH, sizeof(e.boot), &boot));
	set_word(e.boot, sizeof(e.boot), known ? buf_view(&boot) : SPAN_LIT(""));
	buf_release(&boot);
	return e;
}

void
epoch_print(const struct epoch *e, char text[EPOCH_TEXT_MAX])
{
	snprintf(text, EPOCH_TEXT_MAX, "%llu %s %s %s %s\n", (unsigned long long)e->number,
	    e->left ? "left" : "held", e->instance, e->boot, e->host);
}

static bool
word(struct span *rest, char *to, size_t room)
{
	struct span one = span_cut(rest, ' ');

	if (one.len == 0 || one.len >= room)
		return false;
	set_word(to, room, one);
	return strlen(to) == one.len;
}

bool
epoch_parse(struct span text, struct epoch *out)
{
	struct epoch e = { 0 };
	char state[8];

	if (text.len == 0 || text.at[text.len - 1] != '\n')
		return false;
	text.len--;
	struct span number = span_cut(&text, ' ');
	if (!span_number(number, UINT64_MAX - 1, &e.number) || !word(&text, state, sizeof(state)) ||
	    !word(&text, e.instance, sizeof(e.instance)) || !word(&text, e.boot, sizeof(e.boot)) ||
	    !word(&text, e.host, sizeof(e.host)) || text.at)
		return false;
	e.left = strcmp(state, "left") == 0;
	if (!e.left && strcmp(state, "held") != 0)
		return false;
	*out = e;
	return true;
}

struct status
epoch_read(int root, struct epoch *out)
{
	struct buf text;

	/* Most trees have one; that a new one has not is no trouble to log. */
	if (io_presence(root, EPOCH_FILE) == IO_GONE)
		return status_make(STATUS_NOT_FOUND, "No epoch yet");
	buf_init(&text, EPOCH_TEXT_MAX);
	struct status st = io_read_file(root, EPOCH_FILE, EPOCH_TEXT_MAX, &text);
	if (status_ok(st) && !epoch_parse(buf_view(&text), out)) {
		log_error("%s is damaged", EPOCH_FILE);
		st = status_make(STATUS_CORRUPT, "The store's epoch is damaged");
	}
	buf_release(&text);
	return st;
}

struct status
epoch_write(int root, const struct epoch *e)
{
	char text[EPOCH_TEXT_MAX];

	epoch_print(e, text);
	struct status st = io_replace_file(root, EPOCH_FILE, span_str(text), 0600);
	/* Threads that work as an account's user look at it, too. */
	if (status_ok(st) && fchmodat(root, EPOCH_FILE, 0644, 0) < 0)
		st = io_status(errno, "chmod", EPOCH_FILE);
	return st;
}
