/*
 * methods_test.c - logging in and staying in, as a caller sees it
 */
#include "authsvc/methods/methods.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "authsvc/modules/test_modules.h"
#include "authsvc/userdb/userdb_compile.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
accounts(const char *text)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path("userdb"), span_str(text), 0600)));
	assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
}

#define PEOPLE \
	"alice@example.test\tuid=1000|gid=1000|home=/home/alice|systempw={PLAIN}pass\n" \
	"bob@example.test\tuid=1000|gid=1000|home=/home/bob|systempw={PLAIN}pass|options=disableimap=1\n" \
	"carol@example.test\tuid=1000|gid=1000|home=/home/carol|systempw={PLAIN}pass|options=disableinsecureimap=1\n" \
	"dave@example.test\tuid=1000|gid=1000|home=/home/dave|systempw={PLAIN}pass|options=disablepop3=0\n" \
	"hollow@example.test\tuid=1000|gid=1000|home=/home/hollow|systempw={PLAIN}|app-phone-pw={CLEAR}\n" \
	"odd@example.test\tuid=1000|gid=1000|home=/home/odd|systempw={ODD}pass\n"

static struct auth_config
config(void)
{
	return (struct auth_config){
		.modules = (char *)"userdb", .module_dir = (char *)test_modules_dir(),
		.userdb = (char *)path("userdb"), .ticket_key = (char *)path("ticket.key"),
		.ticket_old_keys = (char *)"", .default_domain = (char *)"example.test",
		.default_store = (char *)"store1", .default_options = (char *)"disablepop3=1",
		.maildirpath = (char *)"Maildir", .password_scheme = (char *)"sha256",
		.mechanisms = (char *)"", .gssapi_keytab = (char *)"", .gssapi_hostname = (char *)"", .gssapi_realm = (char *)"",
		.oauth_configuration = (char *)"", .scram_iterations = 4096,
		.ticket_lifetime = 3600000, .password_memory = 60000,
	};
}

static struct auth *
auth_make(const struct auth_config *cfg)
{
	struct auth *a;

	assert_true(status_ok(auth_new(cfg, &a)));
	return a;
}

struct answer {			/* copied out of the reply */
	struct status status;
	struct span ticket;
	const char *account, *maildir;
	uint32_t renew_after;
	int times;
};

static void
login_answered(const Posthouse__LoginReply *reply, void *data)
{
	struct rpc_call *call = data;
	struct answer *out = call->user;

	out->times++;
	out->status = call->status;
	if (!status_ok(call->status))
		return;
	out->ticket = arena_span(&arena, span_of(reply->ticket.data, reply->ticket.len));
	out->account = arena_strdup(&arena, reply->account->account);
	out->maildir = arena_strdup(&arena, reply->account->maildir);
	out->renew_after = reply->renew_after_s;
}

static struct answer
login(struct auth *a, const char *service, bool tls, const char *user, const char *authorize,
    const char *password)
{
	Posthouse__LoginRequest in = POSTHOUSE__LOGIN_REQUEST__INIT;
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	struct rpc_call *call = rpc_call_new("test", 0);
	char *copy = arena_strdup(&arena, password);
	struct answer out = { .times = 0 };

	peer.service = (char *)service;
	peer.address = (char *)"127.0.0.1";
	peer.tls = tls;
	in.peer = *service ? &peer : NULL;
	in.user = (char *)user;
	in.authorize = (char *)authorize;
	in.password = (ProtobufCBinaryData){ strlen(copy), (uint8_t *)copy };
	call->user = &out;
	a->service.login(&a->service, &in, login_answered, call);
	rpc_call_free(&call);
	assert_int_equal(out.times, 1);
	assert_string_equal(copy, "");			/* wiped */
	out.status.text = "";				/* it went with the call */
	return out;
}

static void
renew_answered(const Posthouse__RenewReply *reply, void *data)
{
	struct rpc_call *call = data;
	struct answer *out = call->user;

	out->times++;
	out->status = call->status;
	if (!status_ok(call->status))
		return;
	out->ticket = arena_span(&arena, span_of(reply->ticket.data, reply->ticket.len));
	out->renew_after = reply->renew_after_s;
}

static enum status_code
renew_for(struct auth *a, const char *service, struct span ticket)
{
	Posthouse__RenewRequest in = POSTHOUSE__RENEW_REQUEST__INIT;
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	struct rpc_call *call = rpc_call_new("test", 0);
	struct answer out = { .times = 0 };

	peer.service = (char *)service;
	peer.address = (char *)"127.0.0.1";
	peer.tls = true;
	in.peer = &peer;
	call->ticket = ticket;
	call->user = &out;
	a->service.renew(&a->service, &in, renew_answered, call);
	rpc_call_free(&call);
	assert_int_equal(out.times, 1);
	if (status_ok(out.status)) {
		const Posthouse__Ticket *t;
		assert_true(status_ok(ticket_verify(a->verifier, &arena, out.ticket, clock_wall_s(), &t)));
		assert_in_range(out.renew_after, 1, 2700);
	}
	return out.status.code;
}

static enum status_code
renew(struct auth *a, struct span ticket)
{
	return renew_for(a, "imap", ticket);
}

static void
test_login_rows(void **state)
{
	static const struct {
		const char *service;
		bool tls;
		const char *user, *authorize, *password;
		enum status_code code;
	} rows[] = {
		{ "imap", true, "alice@example.test", "", "pass", STATUS_OK },
		{ "imaps", true, "alice", "", "pass", STATUS_OK },
		{ "imap", false, "alice", "", "pass", STATUS_OK },
		{ "imap", true, "alice", "alice", "pass", STATUS_OK },
		{ "imap", true, "alice", "alice@example.test", "pass", STATUS_OK },
		{ "imap", true, "alice@example.test", "alice", "pass", STATUS_OK },
		{ "imap", true, "alice@EXAMPLE.test", "alice@Example.TEST", "pass", STATUS_OK },
		{ "imap", true, "alice", "Alice", "pass", STATUS_DENIED },
		{ "imap", true, "alice", "bob", "pass", STATUS_DENIED },
		{ "imap", true, "alice", "bob", "wrong", STATUS_UNAUTHENTICATED },
		{ "imap", true, "alice", "\n", "pass", STATUS_DENIED },
		{ "imap", true, "alice", "", "Pass", STATUS_UNAUTHENTICATED },
		{ "imap", true, "alice", "", "", STATUS_UNAUTHENTICATED },
		{ "imap", true, "hollow", "", "", STATUS_UNAUTHENTICATED },	/* {PLAIN} and nothing */
		{ "imap", true, "alice@other.test", "", "pass", STATUS_UNAUTHENTICATED },
		{ "imap", true, "", "", "pass", STATUS_UNAUTHENTICATED },
		{ "imap", true, "al\nice", "", "pass", STATUS_UNAUTHENTICATED },
		{ "pop3", true, "alice", "", "pass", STATUS_DENIED },		/* DEFAULTOPTIONS */
		{ "pop3s", true, "dave", "", "pass", STATUS_OK },		/* its own come first */
		{ "imap", true, "bob", "", "pass", STATUS_DENIED },
		{ "imaps", true, "bob", "", "pass", STATUS_DENIED },
		{ "imap", true, "bob", "", "wrong", STATUS_UNAUTHENTICATED },
		{ "imap", true, "carol", "", "pass", STATUS_OK },
		{ "imap", false, "carol", "", "pass", STATUS_DENIED },
		{ "imap", true, "odd", "", "pass", STATUS_UNAVAILABLE },
		{ "", true, "alice", "", "pass", STATUS_INVALID },
		/* Not words of ours: disableimap would not hold for them, and PAM would have them for the names of files. */
		{ "su", true, "bob", "", "pass", STATUS_INVALID },
		{ "xyz", true, "bob", "", "pass", STATUS_INVALID },
		{ "IMAP", true, "bob", "", "pass", STATUS_INVALID },
		{ "imap ", true, "alice", "", "pass", STATUS_INVALID },
		{ "imapss", true, "alice", "", "pass", STATUS_INVALID },
		{ "../../etc/pam.d/su", true, "alice", "", "pass", STATUS_INVALID },
		{ "imap\nlogin\nmallory\nmpw", true, "alice", "", "pass", STATUS_INVALID },
		{ "smtp", true, "alice", "", "pass", STATUS_INVALID },		/* authdaemond's alone */
	};
	struct auth_config cfg = config();
	struct auth *a = auth_make(&cfg);

	(void)state;
	accounts(PEOPLE);
	assert_null(auth_missing(a));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answer got = login(a, rows[i].service, rows[i].tls, rows[i].user, rows[i].authorize,
		    rows[i].password);
		if (got.status.code != rows[i].code)
			fail_msg("row %zu: %s", i, status_name(got.status.code));
		if (rows[i].code != STATUS_OK)
			continue;
		const Posthouse__Ticket *t;
		assert_true(status_ok(ticket_verify(a->verifier, &arena, got.ticket, clock_wall_s(), &t)));
		assert_string_equal(t->account, got.account);
		assert_string_equal(t->maildir, got.maildir);
		assert_string_equal(t->service, rows[i].service[0] == 'p' ? "pop3" : "imap");
		assert_non_null(strstr(t->account, "@example.test"));
		assert_in_range(got.renew_after, 2690, 2700);
	}
	auth_free(&a);
	assert_null(a);
}

static void
test_renewal(void **state)
{
	struct auth_config cfg = config();
	struct auth *a = auth_make(&cfg);

	(void)state;
	accounts(PEOPLE);
	struct span ticket = login(a, "imap", true, "alice", "", "pass").ticket;
	char *forged = arena_strndup(&arena, ticket.at, ticket.len);
	forged[20] ^= 1;
	assert_int_equal(renew(a, ticket), STATUS_OK);
	assert_int_equal(renew(a, span_of(forged, ticket.len)), STATUS_UNAUTHENTICATED);
	assert_int_equal(renew(a, span_of(NULL, 0)), STATUS_UNAUTHENTICATED);
	assert_int_equal(renew_for(a, "imaps", ticket), STATUS_OK);
	assert_int_equal(renew_for(a, "pop3", ticket), STATUS_DENIED);		/* it was given for another service */
	assert_int_equal(renew_for(a, "su", ticket), STATUS_INVALID);

	/* Another password, or none at all, ends no session; being locked, moved, disabled or removed does. */
	accounts("alice@example.test\tuid=1000|gid=1000|home=/home/alice|systempw={PLAIN}other\n");
	assert_int_equal(renew(a, ticket), STATUS_OK);
	accounts("alice@example.test\tuid=1000|gid=1000|home=/home/alice\n");
	assert_int_equal(renew(a, ticket), STATUS_OK);
	accounts("alice@example.test\tuid=1000|gid=1000|home=/home/alice|systempw=*\n");
	assert_int_equal(renew(a, ticket), STATUS_DENIED);
	accounts("alice@example.test\tuid=1000|gid=1000|home=/home/alice|systempw=!$6$salt$hash|imappw={PLAIN}x\n");
	assert_int_equal(renew(a, ticket), STATUS_OK);
	accounts("alice@example.test\tuid=1000|gid=1000|home=/home/elsewhere|systempw={PLAIN}pass\n");
	assert_int_equal(renew(a, ticket), STATUS_DENIED);
	accounts("alice@example.test\tuid=1000|gid=1000|home=/home/alice|systempw={PLAIN}pass|options=disableimap=1\n");
	assert_int_equal(renew(a, ticket), STATUS_DENIED);
	accounts("bob@example.test\tuid=1|gid=1|home=/home/bob\n");
	assert_int_equal(renew(a, ticket), STATUS_DENIED);
	auth_free(&a);

	cfg.ticket_lifetime = 0;		/* over before anybody can show it */
	accounts(PEOPLE);
	a = auth_make(&cfg);
	ticket = login(a, "imap", true, "alice", "", "pass").ticket;
	assert_int_equal(renew(a, ticket), STATUS_UNAUTHENTICATED);
	auth_free(&a);
}

static void
test_tickets_of_a_retired_key_are_renewed(void **state)
{
	struct auth_config cfg = config(), next = config();

	(void)state;
	accounts(PEOPLE);
	struct auth *old = auth_make(&cfg);
	next.ticket_key = (char *)path("next.key");
	struct auth *strict = auth_make(&next);
	next.ticket_old_keys = (char *)path("ticket.pub");
	struct auth *kind = auth_make(&next);
	struct span ticket = login(old, "imap", true, "alice", "", "pass").ticket;

	assert_int_equal(renew(strict, ticket), STATUS_UNAUTHENTICATED);
	assert_int_equal(renew(kind, ticket), STATUS_OK);
	auth_free(&old);
	auth_free(&strict);
	auth_free(&kind);
}

static void
test_no_accounts_is_trouble_not_a_wrong_password(void **state)
{
	struct auth_config cfg = config();

	(void)state;
	cfg.userdb = (char *)path("nowhere");
	struct auth *a = auth_make(&cfg);
	assert_non_null(auth_missing(a));
	assert_int_equal(login(a, "imap", true, "alice", "", "pass").status.code, STATUS_UNAVAILABLE);
	auth_free(&a);
}

static void
mechanisms_answered(const Posthouse__MechanismsReply *reply, void *data)
{
	struct rpc_call *call = data;

	assert_true(status_ok(call->status));
	assert_int_equal(reply->n_names, 2);
	assert_string_equal(reply->names[0], "PLAIN");
	assert_string_equal(reply->names[1], "LOGIN");
	/* The passwords are stored in the clear. */
	assert_string_equal(reply->offered[0]->name, "SCRAM-SHA-256-PLUS");
	assert_int_equal(reply->offered[0]->needs, POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_BINDING);
	assert_string_equal(reply->offered[reply->n_offered - 1]->name, "LOGIN");
	assert_int_equal(reply->offered[reply->n_offered - 1]->needs,
	    POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_PRIVACY);
	call->user = NULL;
}

static void
test_mechanisms(void **state)
{
	Posthouse__MechanismsRequest in = POSTHOUSE__MECHANISMS_REQUEST__INIT;
	struct auth_config cfg = config();
	struct auth *a = auth_make(&cfg);
	struct rpc_call *call = rpc_call_new("test", 0);

	(void)state;
	call->user = call;
	a->service.mechanisms(&a->service, &in, mechanisms_answered, call);
	assert_null(call->user);
	rpc_call_free(&call);
	auth_free(&a);
}

static void
test_settings_that_make_no_sense(void **state)
{
	struct auth_config rows[4] = { config(), config(), config(), config() };
	struct auth *a = NULL;

	(void)state;
	rows[0].ticket_key = (char *)path("nowhere");
	rows[1].modules = (char *)"ldapp";
	rows[2].password_scheme = (char *)"rot13";
	rows[3].redis_url = (char *)"carrier-pigeon://";
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_false(status_ok(auth_new(&rows[i], &a)));
	assert_null(a);
}

struct crowd {
	struct auth *a;
	atomic_bool stop;
	atomic_int wrong, logins;
};

/* cmocka's assertions are for the main thread, so this one only counts. */
static void
crowd_answered(const Posthouse__LoginReply *reply, void *data)
{
	struct rpc_call *call = data;

	(void)reply;
	*(enum status_code *)call->user = call->status.code;
}

static void *
crowd_member(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; !c->stop; i++) {
		Posthouse__LoginRequest in = POSTHOUSE__LOGIN_REQUEST__INIT;
		Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
		struct rpc_call *call = rpc_call_new("test", 0);
		enum status_code got = STATUS_INTERNAL;
		char password[] = "pass", user[24];
		password[0] = i % 3 ? 'p' : 'P';
		snprintf(user, sizeof(user), "%s", i % 2 ? "alice" : "dave@example.test");
		peer.service = (char *)"imap";
		in.peer = &peer;
		in.user = user;
		in.password = (ProtobufCBinaryData){ 4, (uint8_t *)password };
		call->user = &got;
		c->a->service.login(&c->a->service, &in, crowd_answered, call);
		rpc_call_free(&call);
		if (got != (i % 3 ? STATUS_OK : STATUS_UNAUTHENTICATED))
			c->wrong++;
		c->logins++;
	}
	return NULL;
}

static void
test_a_crowd_logs_in_while_accounts_change(void **state)
{
	struct auth_config cfg = config();
	struct crowd c = { .a = auth_make(&cfg) };
	pthread_t thread[3];

	(void)state;
	accounts(PEOPLE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_member, &c), 0);
	for (int i = 0; i < 30; i++)
		accounts(arena_printf(&arena, "%suser%d\tuid=1|gid=1|home=/h\n", PEOPLE, i));
	c.stop = true;
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(c.wrong, 0);
	assert_true(c.logins > 0);
	auth_free(&c.a);
}

static void
make_key(const char *name)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *private = fopen(path(arena_printf(&arena, "%s.key", name)), "w");
	FILE *public = fopen(path(arena_printf(&arena, "%s.pub", name)), "w");

	PEM_write_PrivateKey(private, pkey, NULL, NULL, 0, NULL, NULL);
	PEM_write_PUBKEY(public, pkey);
	fclose(private);
	fclose(public);
	EVP_PKEY_free(pkey);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	make_key("ticket");
	make_key("next");
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
		cmocka_unit_test(test_login_rows),
		cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_tickets_of_a_retired_key_are_renewed),
		cmocka_unit_test(test_no_accounts_is_trouble_not_a_wrong_password),
		cmocka_unit_test(test_mechanisms),
		cmocka_unit_test(test_settings_that_make_no_sense),
		cmocka_unit_test(test_a_crowd_logs_in_while_accounts_change),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
