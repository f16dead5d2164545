/*
 * Which certificate whom is shown, what changes when files do
 */
#include "frontend/net/tls_store.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "frontend/testing/certificate.h"
#include "frontend/testing/visit.h"

static struct test_folder folder;

static int
setup(void **state)
{
	(void)state;
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

static char *
path_of(const char *name)
{
	return test_folder_path(&folder, name);
}

static void
write_text(const char *name, const char *text)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path_of(name), span_str(text), 0600)));
}

static void
expect_shown(struct tls_store *s, const char *sni, const char *local, const char *name)
{
	struct visit v = { .sni = sni, .local = local };
	visit(s, &v);
	assert_true(v.done);
	if (strcmp(v.shown, name) != 0)
		fail_msg("%s to those who ask for %s", v.shown, sni ? sni : "nothing");
	SSL_SESSION_free(v.session);
}

/* --- certificates -------------------------------------------------------------------------- */

static void
test_who_is_shown_what(void **state)
{
	char listed[256];
	struct tls_settings settings = { .certfile = listed };
	struct tls_store *s;
	(void)state;
	certificate_write(path_of("a.pem"), "a.example.test");
	certificate_write(path_of("b.pem"), "*.b.example.test");
	certificate_write(path_of("a.pem.mail.example.test"), "mail");
	certificate_write(path_of("a.pem.x.b.example.test"), "particular");
	certificate_write(path_of("b.pem.127.0.0.7"), "address");
	certificate_write(path_of("a.pem.2001:db8::7"), "address6");
	write_text("a.pem.bak", "not looked at");
	write_text("a.pem.broken.example.test", "rubbish");
	snprintf(listed, sizeof(listed), " %s/a.pem , %s/b.pem", folder.path, folder.path);
	assert_true(status_ok(tls_store_new(&settings, &s)));

	static const struct {
		const char *sni, *local, *name;
	} rows[] = {
		{ NULL, NULL, "a.example.test" },
		{ "nobody.example.test", NULL, "a.example.test" },
		{ "a.example.test", NULL, "a.example.test" },
		{ "mail.example.test", NULL, "mail" },
		{ "MAIL.Example.Test", NULL, "mail" },
		{ "mail.example.test", "::ffff:127.0.0.7", "mail" },
		{ "www.b.example.test", NULL, "*.b.example.test" },
		{ "a.www.b.example.test", NULL, "a.example.test" },
		{ "x.b.example.test", NULL, "particular" },
		{ "broken.example.test", NULL, "a.example.test" },
		{ "../a", NULL, "a.example.test" },
		{ NULL, "::ffff:127.0.0.7", "address" },
		{ "nobody.example.test", "::ffff:127.0.0.7", "address" },
		{ NULL, "2001:db8::7", "address6" },
		{ NULL, "2001:db8::8", "a.example.test" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect_shown(s, rows[i].sni, rows[i].local, rows[i].name);
	tls_store_free(&s);
}

static void
test_files_that_change(void **state)
{
	struct tls_settings settings = { .certfile = path_of("c.pem") };
	struct tls_store *s;
	(void)state;
	assert_int_equal(tls_store_new(&settings, &s).code, STATUS_INVALID);	/* there is none */
	certificate_write(settings.certfile, "first");
	assert_true(status_ok(tls_store_new(&settings, &s)));
	tls_store_refresh(s);
	expect_shown(s, NULL, NULL, "first");
	/* Rubbish is not taken. */
	write_text("c.pem", "rubbish");
	tls_store_refresh(s);
	tls_store_reload(s);
	expect_shown(s, NULL, NULL, "first");
	assert_int_equal(unlink(settings.certfile), 0);
	tls_store_refresh(s);
	expect_shown(s, NULL, NULL, "first");
	/* As mounted secrets change: a symlink points elsewhere. */
	certificate_write(path_of("second"), "second");
	assert_int_equal(symlink("second", settings.certfile), 0);
	tls_store_refresh(s);
	expect_shown(s, NULL, NULL, "second");
	/* One that comes, changes, and goes. */
	certificate_write(path_of("c.pem.new.example.test"), "new");
	tls_store_refresh(s);
	expect_shown(s, "new.example.test", NULL, "new");
	certificate_write(path_of("c.pem.new.example.test"), "newer");
	tls_store_refresh(s);
	expect_shown(s, "new.example.test", NULL, "newer");
	assert_int_equal(unlink(path_of("c.pem.new.example.test")), 0);
	tls_store_refresh(s);
	expect_shown(s, "new.example.test", NULL, "second");
	tls_store_free(&s);
}

static void
test_keys_of_their_own(void **state)
{
	char listed[256], keys[256];
	struct tls_settings settings = { .certfile = listed, .private_keyfile = keys };
	struct tls_store *s;
	(void)state;
	certificate_write(path_of("d.pem"), "d");
	certificate_write(path_of("e.pem"), "e.example.test");
	snprintf(listed, sizeof(listed), "%s/d.pem,%s/e.pem", folder.path, folder.path);
	snprintf(keys, sizeof(keys), "%s/d.pem,%s/e.pem", folder.path, folder.path);
	assert_true(status_ok(tls_store_new(&settings, &s)));
	expect_shown(s, "e.example.test", NULL, "e.example.test");
	tls_store_free(&s);
	/* The wrong way round; more keys than certificates; none at all. */
	snprintf(keys, sizeof(keys), "%s/e.pem,%s/d.pem", folder.path, folder.path);
	assert_int_equal(tls_store_new(&settings, &s).code, STATUS_INVALID);
	snprintf(keys, sizeof(keys), "%s/d.pem,%s/e.pem,%s/e.pem", folder.path, folder.path, folder.path);
	assert_int_equal(tls_store_new(&settings, &s).code, STATUS_INVALID);
	*keys = '\0';
	snprintf(listed, sizeof(listed), " , ");
	assert_int_equal(tls_store_new(&settings, &s).code, STATUS_INVALID);
}

static void
test_protocols(void **state)
{
	struct tls_settings settings = { .certfile = path_of("f.pem") };
	struct tls_store *s;
	static const struct {
		const char *alpn, *agreed;
		bool done;
	} rows[] = {
		{ NULL, "", true }, { "\4imap", "imap", true }, { "\4pop3\4imap", "imap", true },
		{ "\4pop3", "", false }, { "\2h2\10http/1.1", "", false },
	};
	(void)state;
	certificate_write(settings.certfile, "f");
	assert_true(status_ok(tls_store_new(&settings, &s)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct visit v = { .alpn = rows[i].alpn };
		visit(s, &v);
		assert_int_equal(v.done, rows[i].done);
		assert_string_equal(v.agreed, rows[i].agreed);
		SSL_SESSION_free(v.session);
	}
	tls_store_free(&s);
}

static void
test_settings(void **state)
{
	static char good[] = "TLSv1.3++", bad[] = "SSLv3", list[] = "no-such-cipher", group[] = "no-such-group",
	    nowhere[] = "/nowhere";
	const struct tls_settings wrong[] = {
		{ .protocol = bad }, { .cipher_list = list }, { .ciphersuites = list }, { .groups = group },
		{ .verifypeer = TLS_VERIFY_PEER, .trustcerts = nowhere }, { .ticket_keys = nowhere },
	};
	struct tls_store *s;
	(void)state;
	certificate_write(path_of("g.pem"), "g");
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct tls_settings settings = wrong[i];
		settings.certfile = path_of("g.pem");
		assert_int_equal(tls_store_new(&settings, &s).code, STATUS_INVALID);
	}
	struct tls_settings settings = { .certfile = path_of("g.pem"), .protocol = good };
	assert_true(status_ok(tls_store_new(&settings, &s)));
	struct visit old = { .version = TLS1_2_VERSION }, new = { 0 };
	visit(s, &old);
	visit(s, &new);
	assert_false(old.done);
	assert_true(new.done);
	SSL_SESSION_free(new.session);
	tls_store_free(&s);
}

/* --- many at once ------------------------------------------------------------------------------ */

enum { VISITORS = 3, RELOADS = 60 };

struct visitor {
	struct tls_store *store;
	const char *name;
	atomic_bool *over;
	unsigned visits, failures;
	pthread_t thread;
};

static void *
visit_again_and_again(void *arg)
{
	struct visitor *who = arg;
	struct visit v = { .sni = who->name };
	while (!atomic_load(who->over)) {
		v.done = false;
		visit(who->store, &v);
		who->visits++;
		who->failures += !v.done;
	}
	SSL_SESSION_free(v.session);
	return NULL;
}

static void
test_reloads_under_handshakes(void **state)
{
	struct tls_settings settings = { .certfile = path_of("r.pem") };
	char *coming = path_of("r.pem.coming.example.test"), *gone = path_of("gone");
	struct visitor visitors[VISITORS] = { { .name = "coming.example.test" }, { .name = "r.example.test" } };
	atomic_bool over = false;
	struct tls_store *s;
	(void)state;
	certificate_write(settings.certfile, "r.example.test");
	certificate_write(coming, "coming.example.test");
	assert_true(status_ok(tls_store_new(&settings, &s)));
	for (int i = 0; i < VISITORS; i++) {
		visitors[i].store = s;
		visitors[i].over = &over;
		assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit_again_and_again, &visitors[i]), 0);
	}
	for (int i = 0; i < RELOADS; i++) {
		assert_int_equal(i % 2 ? rename(gone, coming) : rename(coming, gone), 0);
		tls_store_refresh(s);
		tls_store_reload(s);
	}
	atomic_store(&over, true);
	for (int i = 0; i < VISITORS; i++) {
		pthread_join(visitors[i].thread, NULL);
		assert_true(visitors[i].visits > 0);
		assert_int_equal(visitors[i].failures, 0);
	}
	tls_store_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_shown_what),
		cmocka_unit_test(test_files_that_change),
		cmocka_unit_test(test_keys_of_their_own),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_reloads_under_handshakes),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
