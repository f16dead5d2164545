/*
 * imap_parse_fuzz.c - any bytes as a command
 *
 * Beyond not crashing: what is parsed is parsed again without the bytes behind it, and
 * half of it is never a whole command.
 */
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/imap/imap_literal.h"
#include "frontend/imap/imap_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum parse
parse_command(struct span in, size_t *out_consumed)
{
	const struct imap_command *command = NULL;
	struct imap_parser p;
	struct arena arena;
	struct span tag;

	arena_init(&arena, 0);
	imap_parser_init(&p, &arena, in);
	enum parse result = imap_command_name(&p, &tag, &command);
	if (result == PARSE_OK && command == NULL)
		result = PARSE_BAD;
	if (result == PARSE_OK) {
		size_t frame_size = command->ops->frame_size;
		struct imap_frame *frame = arena_alloc(&arena, frame_size ? frame_size : sizeof(*frame));
		frame->command = command;
		result = command->ops->parse ? command->ops->parse(&p, frame) : rule_end(&p);
	}
	*out_consumed = p.at;
	arena_release(&arena);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	size_t consumed = 0, again = 0;

	(void)imap_literal_is_collected(SESSION_AUTHENTICATED, in);
	if (parse_command(in, &consumed) != PARSE_OK)
		return 0;
	assert_that(consumed <= size);
	assert_that(parse_command(span_head(in, consumed), &again) == PARSE_OK && again == consumed);
	assert_that(parse_command(span_head(in, consumed / 2), &again) != PARSE_OK);
	return 0;
}
