/*
 * pop3_parse - a POP3 command line taken apart (RFC 1939, 3; RFC 2449, 4)
 *
 * A line is a verb, a space, and arguments of which only the command knows what they
 * are: numbers, or text that may hold spaces. Spans view the line.
 *
 *	pop3_parse_line(SPAN_LIT("TOP 1 10\r\n"), &line);
 *	pop3_parse_numbers(line.rest, numbers, 2, &count);
 */
#ifndef POP3_PARSE_H
#define POP3_PARSE_H

#include "base/span.h"
#include "base/status.h"

struct pop3_line {
	struct span verb;
	bool has_rest;			/* something follows the verb's space  */
	struct span rest;		/* that, up to the end of the line     */
};

/* `line` with its end. False: there is no verb. */
MUST_USE bool pop3_parse_line(struct span line, struct pop3_line *out);

/* Up to `most` decimal numbers with spaces between. False: something else is there, or too many. */
MUST_USE bool pop3_parse_numbers(struct span rest, uint32_t *out, size_t most, size_t *out_count);

#endif
