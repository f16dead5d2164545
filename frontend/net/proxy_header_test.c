#include "frontend/net/proxy_header.h"

#include <arpa/inet.h>

#include "base/test.h"
#include "frontend/net/peer.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\x00\x02\x01\xc6\x33\x64\x01\x9c\x40\x03\xe1"	/* 192.0.2.1:40000 to 198.51.100.1:993 */
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x9c\x40\x03\xe1"
#define TLS13 "\x21\x00\x07TLSv1.3"
#define CN "\x22\x00\x05" "alice"

struct row {
	struct span in;
	enum proxy_parse result;
	const char *source;		/* NULL: has no addresses */
	const char *tls;		/* NULL: no TLS           */
	const char *name, *alpn;
};

#define ROW(text, how, ...) { .in = { text, sizeof(text) - 1 }, .result = how, __VA_ARGS__ }

static const struct row rows[] = {
	/* version 1 */
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993\r\n", PROXY_OK, .source = "192.0.2.1:40000"),
	ROW("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", PROXY_OK, .source = "2001:db8::1:1"),
	ROW("PROXY TCP6 ::ffff:192.0.2.1 ::1 0 0\r\n", PROXY_OK, .source = "192.0.2.1:0"),
	ROW("PROXY UNKNOWN\r\n", PROXY_OK),
	ROW("PROXY UNKNOWN ffff::1 what ever\r\n", PROXY_OK),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993", PROXY_MORE),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993\r", PROXY_MORE),
	ROW("PRO", PROXY_MORE),
	ROW("", PROXY_MORE),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993\rx", PROXY_BAD),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 40000\r\n", PROXY_BAD),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 40000 993 \r\n", PROXY_BAD),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 65536 993\r\n", PROXY_BAD),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 -1 993\r\n", PROXY_BAD),
	ROW("PROXY TCP4 192.0.2.1 198.51.100.1 000040 993\r\n", PROXY_BAD),
	ROW("PROXY TCP4  192.0.2.1 198.51.100.1 40000 993\r\n", PROXY_BAD),
	ROW("PROXY TCP4 192.0.2 198.51.100.1 40000 993\r\n", PROXY_BAD),
	ROW("PROXY TCP4 2001:db8::1 198.51.100.1 40000 993\r\n", PROXY_BAD),
	ROW("PROXY TCP6 192.0.2.1 198.51.100.1 40000 993\r\n", PROXY_BAD),
	ROW("PROXY UDP4 192.0.2.1 198.51.100.1 40000 993\r\n", PROXY_BAD),
	ROW("PROXY \r\n", PROXY_BAD),
	ROW("proxy TCP4 192.0.2.1 198.51.100.1 40000 993\r\n", PROXY_BAD),
	ROW("PROXY UNKNOWN 123456789 123456789 123456789 123456789 123456789 "
	    "123456789 123456789 123456789 123456789 1\r\n", PROXY_OK),
	ROW("PROXY UNKNOWN 123456789 123456789 123456789 123456789 123456789 "
	    "123456789 123456789 123456789 123456789 12\r\n", PROXY_BAD),
	ROW("a LOGIN alice secret\r\n", PROXY_BAD),
	ROW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", PROXY_BAD),
	/* version 2 */
	ROW(SIGNATURE "\x21\x11\0\x0c" V4, PROXY_OK, .source = "192.0.2.1:40000"),
	ROW(SIGNATURE "\x21\x21\0\x24" V6, PROXY_OK, .source = "2001:db8::1:40000"),
	ROW(SIGNATURE "\x20\x11\0\x0c" V4, PROXY_OK),
	ROW(SIGNATURE "\x20\x00\0\0", PROXY_OK),
	ROW(SIGNATURE "\x21\x00\0\x03" "xyz", PROXY_OK),
	ROW(SIGNATURE "\x21\x31\0\x02" "ab", PROXY_OK),
	ROW(SIGNATURE "\x21\x12\0\x0c" V4, PROXY_BAD),
	ROW(SIGNATURE "\x11\x11\0\x0c" V4, PROXY_BAD),
	ROW(SIGNATURE "\x22\x11\0\x0c" V4, PROXY_BAD),
	ROW(SIGNATURE "\x21\x11\0\x0b" V4, PROXY_BAD),
	ROW(SIGNATURE "\x21\x21\0\x0c" V4, PROXY_BAD),
	ROW(SIGNATURE "\x21\x11\x0f\xf1", PROXY_BAD),
	ROW(SIGNATURE "\x21\x11\0\x0c" "\xc0\0\x02", PROXY_MORE),
	ROW("\r\n\r\n", PROXY_MORE),
	ROW("\r\n\r\nx", PROXY_BAD),
	/* version 2, fields */
	ROW(SIGNATURE "\x21\x11\0\x13" V4 "\x01\x00\x04imap", PROXY_OK, .source = "192.0.2.1:40000", .alpn = "imap"),
	ROW(SIGNATURE "\x21\x11\0\x10" V4 "\x04\x00\x01\x00", PROXY_OK, .source = "192.0.2.1:40000"),
	ROW(SIGNATURE "\x21\x11\0\x0e" V4 "\x04\x00", PROXY_BAD),
	ROW(SIGNATURE "\x21\x11\0\x10" V4 "\x04\x00\x02\x00", PROXY_BAD),
	ROW(SIGNATURE "\x21\x11\0\x14" V4 "\x20\x00\x05\x01\0\0\0\x01", PROXY_OK, .source = "192.0.2.1:40000", .tls = ""),
	ROW(SIGNATURE "\x21\x11\0\x14" V4 "\x20\x00\x05\x00\0\0\0\x01", PROXY_OK, .source = "192.0.2.1:40000"),
	ROW(SIGNATURE "\x21\x11\0\x13" V4 "\x20\x00\x04\x01\0\0\0", PROXY_BAD),
	ROW(SIGNATURE "\x21\x11\0\x15" V4 "\x20\x00\x06\x01\0\0\0\0\x21", PROXY_BAD),
	/* shown now, verified */
	ROW(SIGNATURE "\x21\x11\0\x26" V4 "\x20\x00\x17\x03\0\0\0\0" TLS13 CN, PROXY_OK, .source = "192.0.2.1:40000", .tls = "TLSv1.3", .name = "alice"),
	/* in the session that was resumed */
	ROW(SIGNATURE "\x21\x21\0\x3e" V6 "\x20\x00\x17\x05\0\0\0\0" TLS13 CN, PROXY_OK, .source = "2001:db8::1:40000", .tls = "TLSv1.3", .name = "alice"),
	/* not verified; none shown; no TLS at all */
	ROW(SIGNATURE "\x21\x11\0\x26" V4 "\x20\x00\x17\x03\0\0\0\x12" TLS13 CN, PROXY_OK, .source = "192.0.2.1:40000", .tls = "TLSv1.3"),
	ROW(SIGNATURE "\x21\x11\0\x26" V4 "\x20\x00\x17\x03\x01\0\0\0" TLS13 CN, PROXY_OK, .source = "192.0.2.1:40000", .tls = "TLSv1.3"),
	ROW(SIGNATURE "\x21\x11\0\x26" V4 "\x20\x00\x17\x01\0\0\0\0" TLS13 CN, PROXY_OK, .source = "192.0.2.1:40000", .tls = "TLSv1.3"),
	ROW(SIGNATURE "\x21\x11\0\x26" V4 "\x20\x00\x17\x02\0\0\0\0" TLS13 CN, PROXY_OK, .source = "192.0.2.1:40000"),
};

static void
expect_text(struct span is, const char *should)
{
	assert_true(span_eq(is, span_str(should ? should : "")));
}

static void
expect_header(const struct row *row, const struct proxy_header *h)
{
	struct arena a;
	arena_init(&a, 0);
	assert_int_equal(h->has_addresses, row->source != NULL);
	if (row->source) {
		struct peer p = { .remote = h->source, .remote_port = h->source_port };
		assert_string_equal(arena_printf(&a, "%s:%u", peer_remote_text(&p, &a), p.remote_port), row->source);
	}
	assert_int_equal(h->tls, row->tls != NULL);
	expect_text(h->tls_version, row->tls);
	expect_text(h->certificate_name, row->name);
	expect_text(h->alpn, row->alpn);
	arena_release(&a);
}

static void
run_row(const struct row *row, size_t begin, struct span extra)
{
	struct proxy_header h = { 0 };
	char bytes[256];
	memcpy(bytes, row->in.at, row->in.len);
	if (extra.len)
		memcpy(bytes + row->in.len, extra.at, extra.len);
	for (size_t len = begin; len <= row->in.len; len++) {
		struct span in = span_of(bytes, len < row->in.len ? len : len + extra.len), before = in;
		enum proxy_parse result = proxy_header_parse(&in, &h);
		if (result == PROXY_MORE && len < row->in.len)
			continue;
		if (result != row->result)
			fail_msg("row %zu: %d after %zu bytes", (size_t)(row - rows), result, len);
		assert_true(span_eq(in, result == PROXY_OK ? extra : before));
		if (result == PROXY_OK)
			expect_header(row, &h);
		return;
	}
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		run_row(&rows[i], rows[i].in.len, SPAN_LIT(""));	/* whole          */
		run_row(&rows[i], 0, SPAN_LIT(""));			/* byte by byte   */
		if (rows[i].result == PROXY_OK)				/* with what follows */
			run_row(&rows[i], rows[i].in.len, SPAN_LIT("\x16\x03\x01 a NOOP\r\n"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
