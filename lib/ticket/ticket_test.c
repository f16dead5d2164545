/*
 * ticket_test.c - tickets: genuine ones pass, everything else does not
 */
#include <pthread.h>
#include <stdatomic.h>

#include <openssl/pem.h>

#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "ticket/ticket.h"
#include "ticket/ticket_memory.h"

#define NOW 1700000000

static struct test_folder folder;
static struct arena arena;

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

/* A key pair NAME.key, NAME.pub; of another kind when `curve` is given. */
static void
make_keys(const char *name, const char *curve)
{
	EVP_PKEY *pkey = curve ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve) :
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *private = fopen(path(arena_printf(&arena, "%s.key", name)), "w");
	FILE *public = fopen(path(arena_printf(&arena, "%s.pub", name)), "w");

	assert_non_null(pkey);
	assert_int_equal(PEM_write_PrivateKey(private, pkey, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_PUBKEY(public, pkey), 1);
	fclose(private);
	fclose(public);
	EVP_PKEY_free(pkey);
}

static struct ticket_signer *
signer_of(const char *name)
{
	struct ticket_signer *s;

	assert_true(status_ok(ticket_signer_open(path(arena_printf(&arena, "%s.key", name)), &s)));
	return s;
}

static struct ticket_verifier *
verifier_of(const char *files)
{
	struct ticket_verifier *v;

	assert_true(status_ok(ticket_verifier_open(files, &v)));
	return v;
}

static struct span
signed_for(struct ticket_signer *s, const char *account, int64_t expires_at)
{
	char *groups[] = { (char *)"staff", (char *)"friends" };
	Posthouse__Ticket t = POSTHOUSE__TICKET__INIT;
	struct span bytes;

	t.account = (char *)account;
	t.uid = 1000;
	t.gid = 1001;
	t.home = (char *)"/home/alice";
	t.maildir = (char *)"/home/alice/Maildir";
	t.groups = groups;
	t.n_groups = 2;
	t.expires_at = expires_at;
	assert_true(status_ok(ticket_sign(s, &arena, &t, &bytes)));
	return bytes;
}

static enum status_code
verified(struct ticket_verifier *v, struct span bytes, int64_t now)
{
	const Posthouse__Ticket *t;

	return ticket_verify(v, &arena, bytes, now, &t).code;
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);	/* thousands of bad tickets are coming */
	arena_init(&arena, 0);
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return test_folder_remove(&folder);
}

static void
test_a_ticket_comes_back_as_it_was_signed(void **state)
{
	(void)state;
	make_keys("one", NULL);
	struct ticket_signer *s = signer_of("one");
	struct ticket_verifier *v = verifier_of(path("one.pub"));
	struct span bytes = signed_for(s, "alice@example.test", NOW + 10);

	for (int round = 0; round < 2; round++) {	/* verified, then remembered */
		const Posthouse__Ticket *t;
		assert_true(status_ok(ticket_verify(v, &arena, bytes, NOW, &t)));
		assert_string_equal(t->account, "alice@example.test");
		assert_int_equal(t->uid, 1000);
		assert_int_equal(t->gid, 1001);
		assert_string_equal(t->maildir, "/home/alice/Maildir");
		assert_int_equal(t->n_groups, 2);
		assert_string_equal(t->groups[1], "friends");
	}
	ticket_signer_free(&s);
	ticket_verifier_free(&v);
}

static void
test_expiry_counts_for_remembered_tickets_too(void **state)
{
	(void)state;
	struct ticket_signer *s = signer_of("one");
	struct ticket_verifier *v = verifier_of(path("one.pub"));
	struct span bytes = signed_for(s, "alice", NOW + 10);
	const Posthouse__Ticket *t;

	assert_int_equal(verified(v, bytes, NOW + 9), STATUS_OK);
	struct status st = ticket_verify(v, &arena, bytes, NOW + 10, &t);
	assert_int_equal(st.code, STATUS_UNAUTHENTICATED);
	assert_string_equal(st.text, "Session expired");
	assert_int_equal(verified(v, bytes, NOW + 9), STATUS_OK);
	ticket_signer_free(&s);
	ticket_verifier_free(&v);
}

static void
test_every_changed_byte_is_noticed(void **state)
{
	(void)state;
	struct ticket_signer *s = signer_of("one");
	struct ticket_verifier *v = verifier_of(path("one.pub"));
	struct span bytes = signed_for(s, "alice", NOW + 10);
	char *copy = arena_strndup(&arena, bytes.at, bytes.len);

	assert_int_equal(verified(v, bytes, NOW), STATUS_OK);
	for (size_t i = 0; i < bytes.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(bytes.at[i] ^ (1 << bit));
			if (verified(v, span_of(copy, bytes.len), NOW) != STATUS_UNAUTHENTICATED)
				fail_msg("byte %zu, bit %d changed and nobody noticed", i, bit);
		}
		copy[i] = bytes.at[i];
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(verified(v, span_head(bytes, len), NOW), STATUS_UNAUTHENTICATED);
	assert_int_equal(verified(v, span_of(copy, bytes.len), NOW), STATUS_OK);
	ticket_signer_free(&s);
	ticket_verifier_free(&v);
}

static void
test_keys_rotate(void **state)
{
	(void)state;
	make_keys("two", NULL);
	struct ticket_signer *old = signer_of("one"), *new = signer_of("two");
	struct ticket_verifier *only_old = verifier_of(path("one.pub"));
	struct ticket_verifier *both = verifier_of(arena_printf(&arena, "%s, %s",
	    path("one.pub"), path("two.pub")));
	struct ticket_verifier *trusting = verifier_of("");
	struct span by_old = signed_for(old, "alice", NOW + 10);
	struct span by_new = signed_for(new, "alice", NOW + 10);

	assert_int_equal(verified(only_old, by_old, NOW), STATUS_OK);
	assert_int_equal(verified(only_old, by_new, NOW), STATUS_UNAUTHENTICATED);
	assert_int_equal(verified(both, by_old, NOW), STATUS_OK);
	assert_int_equal(verified(both, by_new, NOW), STATUS_OK);

	assert_int_equal(verified(trusting, by_new, NOW), STATUS_UNAUTHENTICATED);
	ticket_verifier_trust(trusting, new);
	assert_int_equal(verified(trusting, by_new, NOW), STATUS_OK);
	assert_int_equal(verified(trusting, by_old, NOW), STATUS_UNAUTHENTICATED);

	ticket_signer_free(&old);
	ticket_signer_free(&new);
	ticket_verifier_free(&only_old);
	ticket_verifier_free(&both);
	ticket_verifier_free(&trusting);
}

static void
test_what_is_not_a_key_is_refused(void **state)
{
	static const struct { const char *file; enum status_code code; } rows[] = {
		{ "absent.key", STATUS_UNAVAILABLE },
		{ "curve.key", STATUS_INVALID },
		{ "one.pub", STATUS_INVALID },
	};
	struct ticket_signer *s = NULL;
	struct ticket_verifier *v = NULL;

	(void)state;
	make_keys("curve", "P-256");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(ticket_signer_open(path(rows[i].file), &s).code, rows[i].code);
	assert_null(s);
	const char *half = arena_printf(&arena, "%s,%s", path("one.pub"), path("curve.pub"));
	assert_int_equal(ticket_verifier_open(half, &v).code, STATUS_INVALID);
	assert_null(v);
}

static void
test_memory_is_bounded_and_exact(void **state)
{
	struct ticket_memory *m = ticket_memory_new(64);
	size_t known = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		ticket_memory_add(m, span_str(arena_printf(&arena, "ticket %d", i)));
	for (int i = 0; i < 1000; i++)
		known += ticket_memory_knows(m, span_str(arena_printf(&arena, "ticket %d", i)));
	assert_in_range(known, 32, 64);
	assert_true(ticket_memory_knows(m, SPAN_LIT("ticket 999")));
	assert_false(ticket_memory_knows(m, SPAN_LIT("ticket 1000")));
	ticket_memory_free(&m);
	assert_null(m);
}

struct crowd {
	struct ticket_verifier *v;
	struct span bytes[8];
	atomic_int wrong;
};

static void *
crowd_member(void *arg)
{
	struct crowd *c = arg;
	struct arena own;

	arena_init(&own, 0);
	for (int i = 0; i < 400; i++) {
		const Posthouse__Ticket *t;
		bool good = i % 8 != 7;		/* the last one was signed by a stranger */
		if (status_ok(ticket_verify(c->v, &own, c->bytes[i % 8], NOW, &t)) != good)
			c->wrong++;
		arena_reset(&own);
	}
	arena_release(&own);
	return NULL;
}

static void
test_many_threads_verify_at_once(void **state)
{
	struct ticket_signer *s = signer_of("one"), *stranger = signer_of("two");
	struct crowd c = { .v = verifier_of(path("one.pub")) };
	pthread_t thread[4];

	(void)state;
	for (int i = 0; i < 8; i++)
		c.bytes[i] = signed_for(i == 7 ? stranger : s, arena_printf(&arena, "user%d", i), NOW + 10);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_member, &c), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(c.wrong, 0);
	ticket_signer_free(&s);
	ticket_signer_free(&stranger);
	ticket_verifier_free(&c.v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_ticket_comes_back_as_it_was_signed),
		cmocka_unit_test(test_expiry_counts_for_remembered_tickets_too),
		cmocka_unit_test(test_every_changed_byte_is_noticed),
		cmocka_unit_test(test_keys_rotate),
		cmocka_unit_test(test_what_is_not_a_key_is_refused),
		cmocka_unit_test(test_memory_is_bounded_and_exact),
		cmocka_unit_test(test_many_threads_verify_at_once),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
