/*
 * issuer_test.c - the life of a ticket, quarter by quarter
 */
#include "authsvc/issuer.h"

#include <openssl/pem.h>

#include "base/test.h"
#include "base/test_folder.h"

#define NOW 1700000000

static struct test_folder folder;
static struct arena arena;
static struct ticket_signer *signer;
static struct ticket_verifier *verifier;

static struct auth_account
alice(void)
{
	return (struct auth_account){ "alice", 1000, 1001, "/home/alice", "", "100S", "group=a,group=b", "Alice", "",
		false, false };
}

static struct issuer *
make(void)
{
	return issuer_new(&(struct issuer_options){ signer, 3600, "store7", "Maildir", false });
}

static struct issued
issue(struct issuer *i, const struct auth_account *account, int64_t now)
{
	struct issued out;

	assert_true(status_ok(issuer_issue(i, &arena, account, "imap", now, &out)));
	return out;
}

static void
test_what_a_ticket_says(void **state)
{
	struct issuer *i = make();
	struct auth_account account = alice();
	struct issued out = issue(i, &account, NOW);
	const Posthouse__Ticket *t;

	(void)state;
	assert_true(status_ok(ticket_verify(verifier, &arena, out.ticket, NOW, &t)));
	for (int told = 0; told < 2; told++, t = out.account) {
		assert_string_equal(t->account, "alice");
		assert_int_equal(t->uid, 1000);
		assert_int_equal(t->gid, 1001);
		assert_string_equal(t->home, "/home/alice");
		assert_string_equal(t->maildir, "/home/alice/Maildir");
		assert_string_equal(t->store, "store7");
		assert_string_equal(t->quota, "100S");
		assert_int_equal(t->n_groups, 2);
		assert_string_equal(t->groups[1], "b");
		assert_string_equal(t->full_name, "Alice");
		assert_int_equal(strlen(t->session_id), 24);
		assert_int_equal(t->issued_at, NOW);
		assert_int_equal(t->expires_at, NOW + 3600);
	}
	issuer_free(&i);
	assert_null(i);
}

static void
test_where_the_store_is(void **state)
{
	static const struct { const char *store, *options; bool mailhost; const char *wanted; } rows[] = {
		{ "", "", true, "store7" },
		{ "", "group=a, mailhost=store2", true, "store2" },
		{ "", "mailhost=store2", false, "store7" },
		{ "", "mailhost", true, "store7" },
		{ "", "mailhost=", true, "store7" },
		{ "store3", "mailhost=store2", true, "store3" },
	};

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		struct issuer *i = issuer_new(&(struct issuer_options){ signer, 3600, "store7", "Maildir",
			.mailhost_is_store = rows[r].mailhost });
		struct auth_account account = alice();
		account.store = rows[r].store;
		account.options = rows[r].options;
		assert_string_equal(issuer_describe(i, &arena, &account)->store, rows[r].wanted);
		issuer_free(&i);
	}
}

static void
test_where_the_maildir_is(void **state)
{
	static const struct { const char *mail, *maildir; } rows[] = {
		{ "", "/home/alice/Maildir" },
		{ "/srv/mail/alice", "/srv/mail/alice" },
		{ "mail/x", "/home/alice/mail/x" },
	};
	struct issuer *i = make();

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		struct auth_account account = alice();
		account.mail = rows[r].mail;
		assert_string_equal(issue(i, &account, NOW).account->maildir, rows[r].maildir);
	}
	issuer_free(&i);
}

static void
test_the_same_ticket_for_a_quarter_of_its_life(void **state)
{
	static const struct { int64_t age; bool same; uint32_t renew_after; } rows[] = {
		{ 0, true, 2700 }, { 1, true, 2699 }, { 899, true, 1801 },
		{ 900, false, 2700 },		/* a new one, which is young now */
	};
	struct auth_account account = alice();

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		struct issuer *i = make();
		struct issued first = issue(i, &account, NOW);
		struct issued again = issue(i, &account, NOW + rows[r].age);
		assert_int_equal(span_eq(first.ticket, again.ticket), rows[r].same);
		assert_int_equal(strcmp(first.account->session_id, again.account->session_id) == 0, rows[r].same);
		assert_int_equal(again.renew_after_s, rows[r].renew_after);
		assert_int_equal(again.account->expires_at - again.account->issued_at, 3600);
		issuer_free(&i);
	}
	/* A clock that was set back gives no ticket from the future. */
	struct issuer *i = make();
	struct issued first = issue(i, &account, NOW);
	struct issued again = issue(i, &account, NOW - 5);
	assert_false(span_eq(first.ticket, again.ticket));
	assert_int_equal(again.account->issued_at, NOW - 5);
	issuer_free(&i);
}

static void
test_another_ticket_when_anything_changed(void **state)
{
	struct issuer *i = make();
	struct auth_account account = alice();
	struct span first = issue(i, &account, NOW).ticket;
	struct auth_account others[] = { account, account, account, account, account, account, account, account };

	(void)state;
	others[0].uid++;
	others[1].gid++;
	others[2].home = "/home/b";
	others[3].quota = "";
	others[4].options = "group=a";
	others[5].name = "alicf";
	others[6].full_name = "";
	others[7].store = "store8";
	for (size_t o = 0; o < COUNT_OF(others); o++)
		assert_false(span_eq(issue(i, &others[o], NOW).ticket, first));
	assert_true(span_eq(issue(i, &account, NOW).ticket, first));
	issuer_free(&i);
}

static void
test_many_accounts_stay_within_bounds(void **state)
{
	struct issuer *i = make();
	struct arena own;

	(void)state;
	arena_init(&own, 0);
	for (int n = 0; n < 12000; n++) {
		struct auth_account account = alice();
		struct issued out;
		account.name = arena_printf(&own, "user%d", n);
		assert_true(status_ok(issuer_issue(i, &own, &account, "imap", NOW, &out)));
		arena_reset(&own);
	}
	arena_release(&own);
	issuer_free(&i);
}

static int
setup(void **state)
{
	char key[64];
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	(void)state;
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	snprintf(key, sizeof(key), "%s/ticket.key", folder.path);
	FILE *f = fopen(key, "w");
	PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	EVP_PKEY_free(pkey);
	if (!status_ok(ticket_signer_open(key, &signer)) || !status_ok(ticket_verifier_open("", &verifier)))
		return -1;
	ticket_verifier_trust(verifier, signer);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ticket_signer_free(&signer);
	ticket_verifier_free(&verifier);
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_ticket_says),
		cmocka_unit_test(test_where_the_store_is),
		cmocka_unit_test(test_where_the_maildir_is),
		cmocka_unit_test(test_the_same_ticket_for_a_quarter_of_its_life),
		cmocka_unit_test(test_another_ticket_when_anything_changed),
		cmocka_unit_test(test_many_accounts_stay_within_bounds),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
