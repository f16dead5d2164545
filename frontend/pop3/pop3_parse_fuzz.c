/*
 * pop3_parse_fuzz.c - any bytes as a command line, and as a message in any pieces
 */
#include "base/panic.h"
#include "frontend/pop3/pop3_command.h"
#include "frontend/pop3/pop3_parse.h"
#include "frontend/pop3/pop3_stuff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
lies_in(struct span part, struct span whole)
{
	return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void
parse(struct span in)
{
	struct pop3_line line;
	uint32_t numbers[2];
	size_t count = 0;

	if (!pop3_parse_line(in, &line))
		return;
	assert_that(line.verb.len > 0 && lies_in(line.verb, in) && lies_in(line.rest, in));
	(void)pop3_command_find(line.verb);
	if (pop3_parse_numbers(line.rest, numbers, 2, &count))
		assert_that(count <= 2);
}

/* Stuffed in pieces, the message has no line "." in it and has only dots added. */
static void
stuff(struct span in, size_t cut)
{
	struct pop3_stuff s = POP3_STUFF_BEGIN;
	size_t sent = 0, dots = 0;
	struct span now;

	for (size_t at = 0; at < in.len; at += cut) {
		struct span piece = span_head(span_skip(in, at), cut);
		while (pop3_stuff_next(&s, &piece, &now)) {
			bool added = !lies_in(now, in);
			assert_that(added ? span_eq(now, SPAN_LIT(".")) : span_eq(now, span_of(in.at + sent, now.len)));
			dots += added;
			sent += added ? 0 : now.len;
		}
	}
	assert_that(sent == in.len && dots <= in.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);

	if (!size)
		return 0;
	parse(in);
	stuff(in, 1 + data[0] % 7);
	return 0;
}
