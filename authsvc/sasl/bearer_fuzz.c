/*
 * bearer_fuzz.c - whatever a client sends for OAUTHBEARER and XOAUTH2
 */
#include "authsvc/sasl/bearer.h"

#include "base/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read lies within the message, or has been made smaller. */
static void
check(struct span message, const struct bearer *b)
{
	assert_that(b->user.len <= message.len && b->token.len <= message.len);
	assert_that(!b->token.len || (b->token.at >= message.at && b->token.at + b->token.len <= message.at + message.len));
	assert_that(span_index(b->token, '\1') == b->token.len && span_index(b->token, ' ') == b->token.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_of(data, size);
	struct bearer b;
	struct arena a;

	arena_init(&a, 0);
	if (bearer_parse_oauthbearer(&a, message, &b))
		check(message, &b);
	if (bearer_parse_xoauth2(&a, message, &b))
		check(message, &b);
	arena_release(&a);
	return 0;
}
