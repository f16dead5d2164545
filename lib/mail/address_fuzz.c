/*
 * address_fuzz.c - any bytes as a list of addresses, and as an envelope
 *
 * seeds: field to
 */
#include "base/panic.h"
#include "mail/address.h"
#include "mail/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = span_of(data, size);
	struct arena a;
	struct buf out;
	int depth = 0;

	arena_init(&a, 0);
	buf_init(&out, 0);
	for (const struct address *e = address_parse(&a, value, 1000); e; e = e->next) {
		depth += (e->kind == ADDRESS_GROUP_START) - (e->kind == ADDRESS_GROUP_END);
		assert_that(depth == 0 || depth == 1);
		assert_that((e->kind == ADDRESS_MAILBOX) == (e->host.at != NULL));
		assert_that(e->kind == ADDRESS_GROUP_END || e->mailbox.at);
	}
	envelope_print(&a, value, &out);
	assert_that(span_index(buf_view(&out), '\0') == out.len);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
