/*
 * pop3_parse.c - a POP3 command line taken apart
 */
#include "frontend/pop3/pop3_parse.h"

static struct span
without_end(struct span line)
{
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* keyword = 1*VCHAR; we take letters and digits, and nobody has used more */
static bool
is_keyword(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = ascii_lower(word.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z'))
			return false;
	}
	return word.len > 0;
}

bool
pop3_parse_line(struct span line, struct pop3_line *out)
{
	struct span rest = without_end(line);
	struct span verb = span_cut(&rest, ' ');

	if (!is_keyword(verb))
		return false;
	*out = (struct pop3_line){ .verb = verb, .has_rest = rest.at && rest.len, .rest = rest };
	return true;
}

/* Several spaces are as good as one: there are clients that pad. */
bool
pop3_parse_numbers(struct span rest, uint32_t *out, size_t most, size_t *out_count)
{
	size_t count = 0;
	uint64_t number;

	while (rest.at) {
		struct span word = span_cut(&rest, ' ');
		if (!word.len)
			continue;
		if (count == most || !span_number(word, UINT32_MAX, &number))
			return false;
		out[count++] = (uint32_t)number;
	}
	*out_count = count;
	return true;
}
