/*
 * warrant_test.c - an operator's order is obeyed once, by whom it is for, as it was given
 */
#include <openssl/pem.h>

#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "ticket/warrant.h"

#define NOW 1700000000

static struct test_folder folder;
static struct arena arena;

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
make_keys(const char *name)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *private = fopen(path(arena_printf(&arena, "%s.key", name)), "w");
	FILE *public = fopen(path(arena_printf(&arena, "%s.pub", name)), "w");

	assert_int_equal(PEM_write_PrivateKey(private, pkey, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_PUBKEY(public, pkey), 1);
	fclose(private);
	fclose(public);
	EVP_PKEY_free(pkey);
}

static struct warrant_order
kick(void)
{
	return (struct warrant_order){
		.service = "posthouse.FrontendAdmin", .method = "Kick", .message = SPAN_LIT("alice"),
		.role = "frontend", .instance = "0123", .by = "root@host",
	};
}

/* A warrant for `order` by the key `name`. */
static struct span
warrant(const char *name, const struct warrant_order *order, int64_t now)
{
	struct ticket_signer *s;
	struct span bytes;

	assert_true(status_ok(ticket_signer_open(path(arena_printf(&arena, "%s.key", name)), &s)));
	assert_true(status_ok(warrant_sign(s, &arena, order, now, &bytes)));
	ticket_signer_free(&s);
	return bytes;
}

static struct warrant_gate *
gate(const char *keys)
{
	struct warrant_gate *g;

	assert_true(status_ok(warrant_gate_open(keys, "frontend", "0123", &g)));
	return g;
}

static enum status_code
check(struct warrant_gate *g, struct span bytes, const struct warrant_order *order, int64_t now)
{
	const Posthouse__Warrant *w;

	return warrant_gate_check(g, &arena, bytes, order, now, &w).code;
}

static void
test_an_order_is_obeyed_once(void **state)
{
	struct warrant_gate *g = gate(path("one.pub"));
	struct warrant_order order = kick();
	struct span bytes = warrant("one", &order, NOW);
	const Posthouse__Warrant *w;

	(void)state;
	assert_true(status_ok(warrant_gate_check(g, &arena, bytes, &order, NOW + 5, &w)));
	assert_string_equal(w->operator_, "root@host");
	assert_int_equal(check(g, bytes, &order, NOW + 5), STATUS_UNAUTHENTICATED);
	/* Also when the memory has turned over in between, and while the warrant would still count. */
	assert_int_equal(check(g, warrant("one", &order, NOW + 300), &order, NOW + 300), STATUS_OK);
	assert_int_equal(check(g, bytes, &order, NOW + 350), STATUS_UNAUTHENTICATED);
	/* The same order, given again. */
	assert_int_equal(check(g, warrant("one", &order, NOW + 5), &order, NOW + 5), STATUS_OK);
	warrant_gate_free(&g);
}

static void
test_only_what_was_ordered(void **state)
{
	struct warrant_order others[] = { kick(), kick(), kick(), kick() };
	struct warrant_gate *g = gate(path("one.pub"));
	struct warrant_order order = kick();

	(void)state;
	others[0].service = "posthouse.AuthAdmin";
	others[1].method = "Sessions";
	others[2].message = SPAN_LIT("alicf");
	others[3].message = SPAN_LIT("");
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_int_equal(check(g, warrant("one", &order, NOW), &others[i], NOW), STATUS_UNAUTHENTICATED);
	order.instance = "4567";
	assert_int_equal(check(g, warrant("one", &order, NOW), &order, NOW), STATUS_UNAVAILABLE);
	order.instance = "0123";
	order.role = "storesvc";
	assert_int_equal(check(g, warrant("one", &order, NOW), &order, NOW), STATUS_UNAUTHENTICATED);
	warrant_gate_free(&g);
}

static void
test_time(void **state)
{
	static const struct {
		int64_t issued, seen;
		enum status_code expect;
	} rows[] = {
		{ NOW, NOW, STATUS_OK },
		{ NOW, NOW + 60, STATUS_OK },
		{ NOW, NOW - 300, STATUS_OK },
		{ NOW, NOW + 360, STATUS_OK },
		{ NOW, NOW + 361, STATUS_UNAUTHENTICATED },
		{ NOW, NOW - 301, STATUS_UNAUTHENTICATED },
	};
	struct warrant_order order = kick();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct warrant_gate *g = gate(path("one.pub"));
		assert_int_equal(check(g, warrant("one", &order, rows[i].issued), &order, rows[i].seen),
		    rows[i].expect);
		warrant_gate_free(&g);
	}
}

static void
test_keys(void **state)
{
	struct warrant_gate *none = gate(""), *both = gate(path("one.pub"));
	struct warrant_order order = kick();

	(void)state;
	assert_int_equal(check(none, warrant("one", &order, NOW), &order, NOW), STATUS_DENIED);
	assert_int_equal(check(both, warrant("two", &order, NOW), &order, NOW), STATUS_UNAUTHENTICATED);
	warrant_gate_free(&both);
	both = gate(arena_printf(&arena, "%s,%s", path("one.pub"), path("two.pub")));
	assert_int_equal(check(both, warrant("two", &order, NOW), &order, NOW), STATUS_OK);
	assert_int_equal(check(both, warrant("one", &order, NOW), &order, NOW), STATUS_OK);
	assert_int_equal(check(both, SPAN_LIT(""), &order, NOW), STATUS_UNAUTHENTICATED);
	warrant_gate_free(&none);
	warrant_gate_free(&both);
}

static void
test_every_changed_byte_is_noticed(void **state)
{
	struct warrant_gate *g = gate(path("one.pub"));
	struct warrant_order order = kick();
	struct span bytes = warrant("one", &order, NOW);

	(void)state;
	for (size_t i = 0; i < bytes.len; i++) {
		char *copy = arena_strndup(&arena, bytes.at, bytes.len);
		copy[i] ^= 1;
		assert_int_equal(check(g, span_of(copy, bytes.len), &order, NOW), STATUS_UNAUTHENTICATED);
	}
	assert_int_equal(check(g, bytes, &order, NOW), STATUS_OK);
	warrant_gate_free(&g);
}

/* A ticket's signature, and a ticket's key, are no warrant. */
static void
test_a_ticket_is_no_warrant(void **state)
{
	struct warrant_gate *g = gate(path("one.pub"));
	Posthouse__Ticket t = POSTHOUSE__TICKET__INIT;
	struct warrant_order order = kick();
	struct ticket_signer *s;
	struct span bytes;

	(void)state;
	assert_true(status_ok(ticket_signer_open(path("one.key"), &s)));
	t.account = (char *)"alice";
	assert_true(status_ok(ticket_sign(s, &arena, &t, &bytes)));
	assert_int_equal(check(g, bytes, &order, NOW), STATUS_UNAUTHENTICATED);
	ticket_signer_free(&s);
	warrant_gate_free(&g);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	make_keys("one");
	make_keys("two");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_order_is_obeyed_once),
		cmocka_unit_test(test_only_what_was_ordered),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_every_changed_byte_is_noticed),
		cmocka_unit_test(test_a_ticket_is_no_warrant),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
