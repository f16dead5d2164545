/*
 * Sessions that go on elsewhere, and keys that rotate
 */
#include "frontend/net/tls_tickets.h"

#include <fcntl.h>
#include <signal.h>
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

/* What `openssl rand -hex 80` may print. */
#define KEY(digit) digit digit digit digit digit digit digit digit digit digit
#define LINE(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) \
	KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) KEY(digit) "\n"

static bool
goes_on(struct tls_store *first, struct tls_store *then, int version)
{
	struct visit v = { .version = version };
	visit(first, &v);
	assert_true(v.done);
	assert_false(v.resumed);
	visit(then, &v);
	assert_true(v.done);
	SSL_SESSION_free(v.session);
	return v.resumed;
}

static void
test_sessions_go_on_elsewhere(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct tls_settings settings = { .certfile = path_of("h.pem") }, asking;
	struct tls_store *one, *two, *alone, *asks;
	(void)state;
	certificate_write(settings.certfile, "h");
	assert_true(status_ok(tls_store_new(&settings, &alone)));
	settings.ticket_keys = path_of("tickets");
	write_text("tickets", "# Monday\n" LINE("1"));
	asking = settings;
	asking.verifypeer = TLS_VERIFY_PEER;
	asking.trustcerts = settings.certfile;
	assert_true(status_ok(tls_store_new(&settings, &one)));
	assert_true(status_ok(tls_store_new(&settings, &two)));
	assert_true(status_ok(tls_store_new(&asking, &asks)));
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		assert_true(goes_on(alone, alone, versions[i]));
		assert_true(goes_on(one, one, versions[i]));
		assert_true(goes_on(one, two, versions[i]));
		assert_false(goes_on(one, alone, versions[i]));
		/* It would be a way around the question for a certificate. */
		assert_false(goes_on(one, asks, versions[i]));
	}
	tls_store_free(&alone);
	tls_store_free(&one);
	tls_store_free(&two);
	tls_store_free(&asks);
}

static void
test_keys_that_rotate(void **state)
{
	struct tls_settings settings = { .certfile = path_of("i.pem"), .ticket_keys = path_of("keys") };
	struct tls_store *early, *late;
	(void)state;
	certificate_write(settings.certfile, "i");
	write_text("keys", LINE("1"));
	assert_true(status_ok(tls_store_new(&settings, &early)));
	assert_true(status_ok(tls_store_new(&settings, &late)));
	write_text("keys", LINE("2") LINE("1"));
	tls_store_refresh(early);
	assert_true(goes_on(late, early, 0));		/* an old key still opens     */
	assert_false(goes_on(early, late, 0));		/* `late` has not read it yet */
	tls_store_refresh(late);
	assert_true(goes_on(early, late, 0));
	/* What is no list of keys changes nothing. */
	static const char *const wrong[] = { "", "# none\n", "12ab\n", LINE("x"), LINE("3") "rest\n", "3" LINE("3") };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		write_text("keys", wrong[i]);
		tls_store_reload(late);
		assert_true(goes_on(early, late, 0));
	}
	assert_int_equal(unlink(settings.ticket_keys), 0);
	tls_store_refresh(late);
	assert_true(goes_on(early, late, 0));
	tls_store_free(&early);
	tls_store_free(&late);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_go_on_elsewhere),
		cmocka_unit_test(test_keys_that_rotate),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
