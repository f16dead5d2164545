/*
 * daemon_request_fuzz.c - any bytes as a question: what is understood lies within them, and at no other length first
 */
#include "authsvc/daemon/daemon_request.h"

#include "base/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_within(struct span whole, struct span part)
{
	assert_that(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
	assert_that(span_index(part, '\n') == part.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span whole = span_of(data, size);
	struct daemon_request r;
	enum daemon_parse p = daemon_request_parse(whole, &r);

	if (p == DAEMON_WHOLE) {
		const struct span parts[] = {
			r.address, r.service, r.user, r.module, r.password, r.new_password, r.challenge, r.response,
		};
		for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
			check_within(whole, parts[i]);
		assert_that((r.verb == DAEMON_CRAM) == (r.hash != NULL));
	}
	/* What was decided does not change with what comes later. */
	if (size && daemon_request_parse(span_head(whole, size - 1), &r) != DAEMON_MORE)
		assert_that(p != DAEMON_MORE);
	return 0;
}
