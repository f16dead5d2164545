/*
 * pop3_dispatch.c - from a command's line to its first step
 */
#include "frontend/pop3/pop3_command.h"

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/pop3/pop3_parse.h"
#include "frontend/sasl/offers.h"

/* msg-id, RFC 1939 section 7: never the same twice. */
static char *
timestamp_new(void)
{
	unsigned char random[12];
	char text[2 * sizeof(random)], whole[96];

	if (RAND_bytes(random, sizeof(random)) != 1)
		panic("no random bytes");
	hex_encode(span_of(random, sizeof(random)), text);
	snprintf(whole, sizeof(whole), "<%.*s.%lld@posthouse>", (int)sizeof(text), text, (long long)clock_wall_s());
	return mem_strdup(whole);
}

static void
greet(struct session *s)
{
	const char *apop;

	if (offers_find(s, SPAN_LIT("APOP"), &apop) != OFFER_STANDS) {
		session_write(s, SPAN_LIT("+OK Posthouse is ready\r\n"));
		return;
	}
	struct pop3_session *p = pop3_session(s);
	p->timestamp = timestamp_new();
	session_printf(s, "+OK Posthouse is ready %s\r\n", p->timestamp);
}

/* The only reasons with a code are passing ones (RFC 3206). */
static void
bye(struct session *s, const char *code, const char *text)
{
	session_printf(s, "-ERR %s%s\r\n", code ? "[SYS/TEMP] " : "", text);
}

struct pop3_session *
pop3_session(struct session *s)
{
	struct pop3_session *p = s->protocol_data;

	if (!p) {
		s->protocol_data = p = MEM_NEW(struct pop3_session);
		pop3_drop_init(&p->drop);
		pop3_ahead_init(&p->ahead);
	}
	return p;
}

static void
forget(struct session *s)
{
	struct pop3_session *p = s->protocol_data;

	if (!p)
		return;
	free(p->user);
	free(p->timestamp);
	pop3_drop_release(&p->drop);
	pop3_ahead_release(&p->ahead);
}

/* False: not what the command takes. */
static bool
take_arguments(struct pop3_frame *f, const struct pop3_line *line)
{
	size_t least = 0, most = 0;

	switch (f->command->takes) {
	case POP3_TEXT:
	case POP3_MAYBE_TEXT:
		f->text = line->rest;
		return line->has_rest || f->command->takes == POP3_MAYBE_TEXT;
	case POP3_NUMBER:
		least = most = 1;
		break;
	case POP3_MAYBE_NUMBER:
		most = 1;
		break;
	case POP3_TWO_NUMBERS:
		least = most = 2;
		break;
	case POP3_NOTHING:
		break;
	}
	return pop3_parse_numbers(line->rest, f->numbers, most, &f->count) && f->count >= least;
}

/* First step of every command. */
static enum step
dispatch(struct task *t)
{
	struct pop3_line line;

	if (t->session->oversize)
		return pop3_err_command(t, "The command is too long");
	if (!pop3_parse_line(t->input, &line))
		return pop3_err_command(t, "That is no command");
	const struct pop3_command *command = pop3_command_find(line.verb);
	if (!command)
		return pop3_err_command(t, "Unknown command");
	if (command->ops->secret)
		session_secret_input(t);
	if (!(command->legal & t->session->state))
		return pop3_err_command(t, t->session->state == SESSION_NOT_AUTHENTICATED ?
		    "Please log in first" : "You are logged in already");

	size_t size = command->ops->frame_size;
	struct pop3_frame *frame = task_frame_new(t, size ? size : sizeof(struct pop3_frame));
	frame->command = command;
	if (!take_arguments(frame, &line))
		return pop3_err_command(t, "These are not its arguments");
	return command->ops->start(t);
}

const struct session_protocol pop3_protocol = {
	.name = "pop3",
	.login_delay = true,
	.greet = greet,
	.start = dispatch,
	.bye = bye,
	.forget = forget,
};
