/*
 * hung_home_test.c - a home whose disk does not answer holds up its own account alone
 *
 * fanotify lets every open of tom's Maildir wait for an answer that the test gives in the end.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/test.h"
#include "storesvc/methods/conversation.h"

#define MESSAGE "Subject: x\r\n\r\nx\r\n"

static void *
use_hung_home(void *arg)
{
	struct test_store *tom = arg;

	(void)test_append(tom, "INBOX", MESSAGE, NULL);
	rpc_call_free(&tom->call);
	return NULL;
}

/* Everything that waits may go on, for as long as the thread takes. */
static void
let_go(int watch, pthread_t thread)
{
	struct fanotify_event_metadata events[8];
	struct timespec soon = { 0 };
	int64_t end = clock_mono_ms() + 30000;

	while (clock_mono_ms() < end) {
		ssize_t n = io_wait(watch, POLLIN, clock_mono_ms() + 20) ? read(watch, events, sizeof(events)) : 0;
		for (struct fanotify_event_metadata *e = events; n > 0 && FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
			struct fanotify_response allow = { .fd = e->fd, .response = FAN_ALLOW };
			assert_int_equal(write(watch, &allow, sizeof(allow)), sizeof(allow));
			close(e->fd);
		}
		clock_gettime(CLOCK_REALTIME, &soon);
		if (pthread_timedjoin_np(thread, NULL, &soon) == 0)
			return;
	}
	fail_msg("the call did not end");
}

static void
others_do_not_wait(void **state)
{
	struct test_store t;
	pthread_t thread;

	(void)state;
	int watch = fanotify_init(FAN_CLASS_CONTENT | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	if (watch < 0)
		skip();			/* needs root */
	test_store_start(&t);
	struct span alice = t.ticket, tom = test_store_ticket(&t, "tom", 0);
	t.ticket = tom;
	test_append(&t, "INBOX", MESSAGE, NULL);
	t.ticket = alice;
	test_append(&t, "INBOX", MESSAGE, NULL);
	if (fanotify_mark(watch, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ONDIR, AT_FDCWD,
	    test_store_path(&t, "mail/tom/Maildir")) < 0) {
		test_store_stop(&t);
		close(watch);
		skip();
	}
	struct test_store hung = t;
	hung.call = NULL;
	hung.ticket = tom;
	assert_int_equal(pthread_create(&thread, NULL, use_hung_home, &hung), 0);
	assert_true(io_wait(watch, POLLIN, clock_mono_ms() + 20000));	/* it hangs now */
	int64_t before = clock_mono_ms();
	for (int i = 0; i < 20; i++)
		assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), i + 2);
	assert_true(clock_mono_ms() - before < 10000);
	let_go(watch, thread);
	close(watch);
	t.ticket = tom;
	assert_int_equal(test_select(&t, "INBOX")->exists, 2);
	test_store_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(others_do_not_wait) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
