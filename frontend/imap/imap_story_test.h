/*
 * imap_story_test - conversations as tables, for the tests of commands
 *
 *	static const char *const story[] = {
 *		"C: a NOOP",
 *		"S: a OK NOOP completed",
 *		NULL
 *	};
 *	tell_story(&settings, story);
 *
 * Each story has a harness of its own. A row is who and what:
 *
 *	C: line		the client sends the line and CRLF
 *	C> bytes	... without CRLF
 *	S: pattern	the next line from the server; "*" stands for anything after the first character
 *	S~ pattern	the same, after skipping lines that do not match
 *	--		the server is silent
 *	##		the server closes
 *	D: box		alice gets a message in that mailbox (canonical name)
 *	cut, mended	the wire to the store
 *
 * A digit in front of C and S ("2C: ...") is another client. Clients greet themselves: the first
 * row for a client reads the greeting, and unless the settings say otherwise logs alice in.
 */
#ifndef IMAP_STORY_TEST_H
#define IMAP_STORY_TEST_H

#include "frontend/imap/imap_command.h"
#include "frontend/testing/harness.h"

#include "base/test.h"

struct story_settings {
	const char *prefix, *separator;	/* NULL: the defaults              */
	bool not_logged_in;		/* stories about logging in        */
	bool remote;			/* not from loopback               */
	bool tls;			/* there are certificates          */
};

enum { STORY_CLIENTS = 10 };

static const char story_message[] =
    "From: alice@example.test\r\nSubject: a story\r\n\r\nOnce upon a time.\r\n";

struct story {
	const struct story_settings *settings;
	struct harness harness;
	struct client *clients[STORY_CLIENTS];
};

static struct client *
story_client(struct story *s, int number)
{
	struct client *c = s->clients[number];

	if (c)
		return c;
	c = s->settings->remote ? harness_connect_remote(&s->harness, &imap_protocol) :
	    harness_connect(&s->harness, &imap_protocol);
	s->clients[number] = c;
	if (s->settings->not_logged_in)
		return c;
	client_expect(c, "* OK [CAPABILITY *");
	client_send(c, "login LOGIN alice alice-demo\r\n");
	client_expect(c, "login OK [CAPABILITY *] Logged in");
	return c;
}

static void
story_row(struct story *s, const char *row)
{
	int number = 1;

	if (ascii_digit(*row))
		number = *row++ - '0';
	struct client *c = story_client(s, number);
	const char *what = strlen(row) > 3 ? row + 3 : "";
	if (strncmp(row, "C: ", 3) == 0) {
		client_send(c, what);
		client_send(c, "\r\n");
	} else if (strncmp(row, "C> ", 3) == 0) {
		client_send(c, what);
	} else if (strncmp(row, "S: ", 3) == 0) {
		client_expect(c, what);
	} else if (strncmp(row, "S~ ", 3) == 0) {
		client_expect_later(c, what);
	} else if (strncmp(row, "D: ", 3) == 0) {
		(void)store_fake_deliver(&s->harness.store, "alice", what, story_message);
	} else if (strcmp(row, "--") == 0) {
		client_expect_silence(c, 30);
	} else if (strcmp(row, "##") == 0) {
		client_expect_end(c);
	} else if (strcmp(row, "cut") == 0 || strcmp(row, "mended") == 0) {
		wire_cut(s->harness.store_wire, *row == 'c');
	} else {
		fail_msg("\"%s\" is no row of a story", row);
	}
}

static void
story_begin(struct story *s, const struct story_settings *settings)
{
	*s = (struct story){ .settings = settings };
	harness_init(&s->harness);
	if (settings->prefix)
		s->harness.config.imap_namespace_prefix = (char *)(uintptr_t)settings->prefix;
	if (settings->separator)
		s->harness.config.imap_separator = (char *)(uintptr_t)settings->separator;
	if (settings->tls)
		harness_use_tls(&s->harness);
}

static void
story_end(struct story *s)
{
	for (int i = 0; i < STORY_CLIENTS; i++)
		if (s->clients[i])
			client_free(&s->clients[i]);
	harness_release(&s->harness);
}

static void
tell_story(const struct story_settings *settings, const char *const *rows)
{
	struct story s;

	story_begin(&s, settings);
	for (; *rows; rows++) {
		if (getenv("TEST_ROWS"))
			printf("%s\n", *rows);
		story_row(&s, *rows);
	}
	story_end(&s);
}

/* STORY("name", "C: ...", ...): a test of its own. */
#define STORY(name, settings, ...)						\
	static void								\
	name(void **state)							\
	{									\
		static const char *const rows[] = { __VA_ARGS__, NULL };	\
		(void)state;							\
		tell_story(&(settings), rows);					\
	}									\
	struct story /* a semicolon may follow */

#endif
