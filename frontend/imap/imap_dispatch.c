/*
 * imap_dispatch.c - from a command's bytes to its first step
 */
#include "frontend/imap/imap_literal.h"

static void
greet(struct session *s)
{
	struct buf b;

	buf_init(&b, 0);
	buf_str(&b, "* OK [CAPABILITY ");
	imap_capabilities(s, &b);
	buf_str(&b, "] Posthouse is ready\r\n");
	session_write_buf(s, &b);
	buf_release(&b);
}

static void
bye(struct session *s, const char *code, const char *text)
{
	if (code)
		session_printf(s, "* BYE [%s] %s\r\n", code, text);
	else
		session_printf(s, "* BYE %s\r\n", text);
}

static enum literal_choice
choose_literal(struct session *s, struct span so_far, uint64_t size)
{
	(void)size;
	return imap_literal_is_collected(s->state, so_far) ? LITERAL_COLLECT : LITERAL_STREAM;
}

static const char *
why_illegal(const struct session *s, const struct imap_command *command)
{
	if (command->legal == IMAP_NOT_AUTHENTICATED)
		return "You are logged in already";
	if (s->state == SESSION_NOT_AUTHENTICATED)
		return "Please log in first";
	return "No mailbox is selected";
}

/* First step of every command. */
static enum step
dispatch(struct task *t)
{
	const struct imap_command *command = NULL;
	struct imap_parser p;

	imap_parser_init(&p, &t->arena, t->input);
	enum parse result = imap_command_name(&p, &t->tag, &command);
	if (t->session->oversize)
		return imap_bad_command(t, "[LIMIT] The command is too long");
	if (result != PARSE_OK)
		return imap_bad_command(t, p.error);
	if (command == NULL)
		return imap_bad_command(t, "Unknown command");
	if (command->ops->secret)
		session_secret_input(t);
	if (!(command->legal & t->session->state))
		return imap_bad_command(t, why_illegal(t->session, command));

	size_t size = command->ops->frame_size;
	struct imap_frame *frame = task_frame_new(t, size ? size : sizeof(struct imap_frame));
	frame->command = command;
	result = command->ops->parse ? command->ops->parse(&p, frame) : rule_end(&p);
	if (result != PARSE_OK)
		return imap_bad_command(t, p.error);
	return command->ops->start(t);
}

const struct session_protocol imap_protocol = {
	.name = "imap",
	.literals = true,
	.greet = greet,
	.literal = choose_literal,
	.start = dispatch,
	.bye = bye,
};
