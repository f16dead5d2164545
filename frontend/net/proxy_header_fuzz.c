/*
 * proxy_header_fuzz.c - any bytes as a header, whole and cut at any place
 */
#include <stdlib.h>

#include "base/panic.h"
#include "frontend/net/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
lies_in(struct span part, struct span whole)
{
	return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

/* A shorter piece says MORE or what the whole says; what OK took is all that it needs. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span whole = span_of(data, size), in = whole;
	struct proxy_header header, again;
	enum proxy_parse result = proxy_header_parse(&in, &header);
	size_t taken = whole.len - in.len;

	if (result != PROXY_OK) {
		assert_that(taken == 0);
	} else {
		struct span exact = span_head(whole, taken), most = span_head(whole, taken - 1);
		assert_that(taken <= PROXY_HEADER_MAX);
		assert_that(lies_in(header.tls_version, exact) && lies_in(header.certificate_name, exact)
		    && lies_in(header.alpn, exact));
		assert_that(proxy_header_parse(&exact, &again) == PROXY_OK && exact.len == 0);
		assert_that(proxy_header_parse(&most, &again) == PROXY_MORE);
	}
	if (size) {
		struct span part = span_head(whole, data[size - 1] % size);
		enum proxy_parse partly = proxy_header_parse(&part, &again);
		assert_that(partly == PROXY_MORE || partly == result);
	}
	return 0;
}
