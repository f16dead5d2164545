#include "frontend/net/networks.h"

#include <arpa/inet.h>

#include "base/test.h"

static struct in6_addr
address(const char *text)
{
	struct in6_addr a;
	assert_int_equal(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static const struct {
	const char *list, *address;
	bool has;
} rows[] = {
	{ "", "::ffff:127.0.0.1", false },
	{ "127.0.0.0/8", "::ffff:127.255.3.4", true },
	{ "127.0.0.0/8", "::ffff:126.255.255.255", false },
	{ "127.0.0.0/8", "::1", false },
	{ "10.0.0.0/8, 192.0.2.1", "::ffff:192.0.2.1", true },
	{ "10.0.0.0/8,192.0.2.1", "::ffff:192.0.2.2", false },
	{ "192.0.2.128/25", "::ffff:192.0.2.128", true },
	{ "192.0.2.128/25", "::ffff:192.0.2.127", false },
	{ "172.16.0.0/12", "::ffff:172.31.255.255", true },
	{ "172.16.0.0/12", "::ffff:172.32.0.0", false },
	{ "0.0.0.0/0", "::ffff:203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "2001:db8::1", "2001:db8::2", false },
	{ "2001:db8::1/128", "2001:db8::1", true },
	{ ",, 10.0.0.1 ,", "::ffff:10.0.0.1", true },
};

static void
test_networks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct networks *n;
		struct in6_addr a = address(rows[i].address);
		assert_true(status_ok(networks_new("PROXY_NETWORKS", rows[i].list, &n)));
		if (networks_have(n, &a) != rows[i].has)
			fail_msg("%s in \"%s\"", rows[i].address, rows[i].list);
		networks_free(&n);
		assert_null(n);
	}
}

static void
test_not_networks(void **state)
{
	static const char *const bad[] = {
		"10.0.0.0/33", "10.0.0/8", "::/129", "localhost", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8/8",
		"10.0.0.1 10.0.0.2", "/8", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct networks *n = NULL;
		if (networks_new("PROXY_NETWORKS", bad[i], &n).code != STATUS_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_null(n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_not_networks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
