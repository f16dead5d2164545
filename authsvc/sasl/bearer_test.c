/*
 * bearer_test.c - the messages of OAUTHBEARER and XOAUTH2
 */
#include "authsvc/sasl/bearer.h"

#include "base/test.h"

static const struct {
	bool xoauth2;
	const char *message;
	const char *user, *token;	/* NULL: malformed */
} rows[] = {
	/* RFC 7628, section 4.1 */
	{ false, "n,a=user@example.com,\1host=server.example.com\1port=143\1"
	    "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1",
	    "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" },
	/* ... and 4.3: it asks what it could send */
	{ false, "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=\1\1", "user@example.com", "" },
	{ false, "y,,\1auth=BEARER x\1\1", "", "x" },
	{ false, "n,a=a=2Cb=3Dc,\1auth=Bearer x\1\1", "a,b=c", "x" },
	{ false, "n,a=a=2cb,\1auth=Bearer x\1\1", "a,b", "x" },
	{ false, "n,,\1\1", "", "" },
	{ false, "n,,\1AUTH=Bearer   x \1unknown=thing\1\1", "", "x" },
	{ false, "n,a=a=2Db,\1auth=Bearer x\1\1", NULL, NULL },
	{ false, "n,a=a=,\1auth=Bearer x\1\1", NULL, NULL },
	{ false, "n,alice,\1auth=Bearer x\1\1", NULL, NULL },
	{ false, "p=tls-unique,,\1auth=Bearer x\1\1", NULL, NULL },
	{ false, "n,\1auth=Bearer x\1\1", NULL, NULL },
	{ false, "n,,auth=Bearer x\1\1", NULL, NULL },
	{ false, "n,,\1auth=Bearer x\1", NULL, NULL },
	{ false, "n,,\1auth=Bearer x", NULL, NULL },
	{ false, "n,,\1auth=Bearer x\1\1\1", NULL, NULL },
	{ false, "n,,\1auth=Bearer x\1\1more", NULL, NULL },
	{ false, "n,,\1auth=Bearer x\1auth=Bearer y\1\1", NULL, NULL },
	{ false, "n,,\1auth=Bearer x y\1\1", NULL, NULL },
	{ false, "n,,\1auth=Basic x\1\1", NULL, NULL },
	{ false, "n,,\1auth\1\1", NULL, NULL },
	{ false, "n,,\1=x\1\1", NULL, NULL },
	{ false, "n,,\1a1=x\1\1", NULL, NULL },
	{ false, "n,,\1auth=Bearer \x7f\1\1", NULL, NULL },
	{ false, "", NULL, NULL },
	{ true, "user=alice@example.test\1auth=Bearer ya29.x\1\1", "alice@example.test", "ya29.x" },
	{ true, "user=alice\1\1", "alice", "" },
	{ true, "user=\1auth=Bearer x\1\1", NULL, NULL },
	{ true, "USER=alice\1auth=Bearer x\1\1", NULL, NULL },
	{ true, "user=alice\1auth=Bearer x\1", NULL, NULL },
	{ true, "auth=Bearer x\1user=alice\1\1", NULL, NULL },
	{ true, "user=alice", NULL, NULL },
};

static void
test_rows(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span message = span_str(rows[i].message);
		struct bearer b;
		bool good = rows[i].xoauth2 ? bearer_parse_xoauth2(&a, message, &b) :
		    bearer_parse_oauthbearer(&a, message, &b);
		assert_int_equal(good, rows[i].user != NULL);
		if (!good)
			continue;
		assert_true(span_eq(b.user, span_str(rows[i].user)));
		assert_true(span_eq(b.token, span_str(rows[i].token)));
	}
	arena_release(&a);
}

/* No message is good without its end. */
static void
test_pieces_are_malformed(void **state)
{
	struct arena a;
	struct bearer b;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span message = span_str(rows[i].message);
		for (size_t n = 0; rows[i].user && n < message.len; n++)
			assert_false(rows[i].xoauth2 ? bearer_parse_xoauth2(&a, span_head(message, n), &b) :
			    bearer_parse_oauthbearer(&a, span_head(message, n), &b));
	}
	arena_release(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_pieces_are_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
