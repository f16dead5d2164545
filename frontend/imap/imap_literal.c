/*
 * imap_literal.c - what becomes of a literal that a client announces
 */
#include "frontend/imap/imap_literal.h"

#include "frontend/imap/imap_ops.h"

/* A command is parsed again for each of its literals: beyond this length only the byte before is looked at. */
enum { MOST_PARSED = 8 * 1024 };

/* Strings follow a space or a "(" wherever they may be. */
static bool
follows_separator(struct span so_far)
{
	size_t open = span_rindex(so_far, '{');

	return open > 0 && open < so_far.len && (so_far.at[open - 1] == ' ' || so_far.at[open - 1] == '(');
}

static enum parse
parse_so_far(struct imap_parser *p, const struct imap_command *command)
{
	size_t size = command->ops->frame_size ? command->ops->frame_size : sizeof(struct imap_frame);
	struct imap_frame *frame = arena_alloc(p->arena, size);

	frame->command = command;
	return command->ops->parse ? command->ops->parse(p, frame) : rule_end(p);
}

bool
imap_literal_is_collected(enum session_state state, struct span so_far)
{
	const struct imap_command *command = NULL;
	enum parse result = PARSE_BAD;
	struct imap_parser p;
	struct arena arena;
	struct span tag;

	if (!follows_separator(so_far))
		return false;
	arena_init(&arena, 0);
	imap_parser_init(&p, &arena, so_far);
	if (imap_command_name(&p, &tag, &command) == PARSE_OK && command && (command->legal & state))
		result = so_far.len <= MOST_PARSED || command->ops == &append_ops ?
		    parse_so_far(&p, command) : PARSE_MORE;
	arena_release(&arena);
	return result == PARSE_MORE;
}
