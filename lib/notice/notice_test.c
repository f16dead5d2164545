/*
 * notice_test.c - through a real redis-server that is stopped and started again
 */
#include "base/clock.h"
#include "base/test.h"
#include "notice/notice.h"
#include "notice/test_redis.h"

static struct test_redis redis;

static int
set_up(void **state)
{
	(void)state;
	return test_redis_make(&redis);
}

static int
tear_down(void **state)
{
	(void)state;
	return test_redis_remove(&redis);
}

/* What a subscriber heard. */
struct heard {
	int ups, downs, notices;
	uint64_t newest;
	char last[64];
};

static void
on_changed(void *arg, struct span account, struct span mailbox_id, uint64_t modseq)
{
	struct heard *h = arg;

	h->notices++;
	if (modseq > h->newest)
		h->newest = modseq;
	snprintf(h->last, sizeof(h->last), "%.*s %.*s %llu", (int)account.len, account.at,
	    (int)mailbox_id.len, mailbox_id.at, (unsigned long long)modseq);
}

static void
on_channel(void *arg, bool up)
{
	struct heard *h = arg;

	h->ups += up;
	h->downs += !up;
}

static const struct notice_events events = { on_changed, on_channel };

/* Run the loop until *counter reaches `wanted`. */
static void
run_until(struct event_base *loop, const int *counter, int wanted)
{
	int64_t deadline = clock_mono_ms() + 15000;

	while (*counter < wanted) {
		assert_true(clock_mono_ms() < deadline);
		event_base_loop(loop, EVLOOP_NONBLOCK);
		usleep(1000);
	}
}

/* Until a subscription is seen to work: what is published before that is not heard. */
static void
run_until_heard(struct event_base *loop, struct notice_publisher *p, const char *account, struct heard *heard)
{
	int64_t deadline = clock_mono_ms() + 15000;
	int before = heard->notices;

	while (heard->notices == before) {
		assert_true(clock_mono_ms() < deadline);
		notice_publish(p, account, "probe", 1);
		event_base_loop(loop, EVLOOP_NONBLOCK);
		usleep(5000);
	}
}

/* Until a MODSEQ of at least `modseq` is heard. */
static void
run_until_newest(struct event_base *loop, const struct heard *heard, uint64_t modseq)
{
	while (heard->newest < modseq)
		run_until(loop, &heard->notices, heard->notices + 1);
}

static void
test_told_and_told_again(void **state)
{
	struct event_base *loop = event_base_new();
	struct notice_publisher *p;
	struct notice_subscriber *s;
	struct heard heard = { 0 };

	(void)state;
	assert_true(status_ok(notice_publisher_new(redis.url, &p)));
	assert_true(status_ok(notice_subscriber_new(loop, redis.url, &events, &heard, &s)));
	notice_watch(s, "alice@example.test");
	run_until(loop, &heard.ups, 1);
	assert_true(notice_subscriber_up(s));
	run_until_heard(loop, p, "alice@example.test", &heard);

	notice_publish(p, "alice@example.test", "box1", 7);
	run_until_newest(loop, &heard, 7);
	assert_string_equal(heard.last, "alice@example.test box1 7");

	/* Redis goes away: the newest number is told again when it is back. */
	test_redis_stop(&redis);
	run_until(loop, &heard.downs, 1);
	assert_false(notice_subscriber_up(s));
	for (uint64_t modseq = 8; modseq < 100; modseq++)
		notice_publish(p, "alice@example.test", "box1", modseq);
	test_redis_start(&redis);
	run_until(loop, &heard.ups, 2);
	notice_publish(p, "alice@example.test", "box1", 100);
	run_until_newest(loop, &heard, 100);

	/* Nobody else's changes are heard, and none after the last unwatch. */
	notice_unwatch(s, "alice@example.test");
	notice_watch(s, "bob@example.test");
	run_until_heard(loop, p, "bob@example.test", &heard);
	notice_publish(p, "alice@example.test", "box1", 101);
	notice_publish(p, "bob@example.test", "box9", 102);
	run_until_newest(loop, &heard, 102);
	assert_string_equal(heard.last, "bob@example.test box9 102");

	notice_subscriber_free(&s);
	notice_publisher_free(&p);
	event_base_free(loop);
}

static void
test_many_folders_are_merged(void **state)
{
	struct event_base *loop = event_base_new();
	struct notice_publisher *p;
	struct notice_subscriber *s;
	struct heard heard = { 0 };

	(void)state;
	assert_true(status_ok(notice_publisher_new(redis.url, &p)));
	assert_true(status_ok(notice_subscriber_new(loop, redis.url, &events, &heard, &s)));
	notice_watch(s, "carol");
	run_until(loop, &heard.ups, 1);
	run_until_heard(loop, p, "carol", &heard);
	heard.notices = 0;
	for (uint64_t i = 0; i < 10000; i++) {
		char id[16];
		snprintf(id, sizeof(id), "box%u", (unsigned)(i % 10));
		notice_publish(p, "carol", id, i + 1);
	}
	run_until_newest(loop, &heard, 10000);
	assert_true(heard.notices <= 10000);
	notice_subscriber_free(&s);
	notice_publisher_free(&p);
	event_base_free(loop);
}

static void
test_bad_urls_are_refused(void **state)
{
	struct notice_publisher *p;

	(void)state;
	assert_int_equal(notice_publisher_new("nonsense", &p).code, STATUS_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_and_told_again),
		cmocka_unit_test(test_many_folders_are_merged),
		cmocka_unit_test(test_bad_urls_are_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
