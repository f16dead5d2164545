/*
 * pam_keeper_test.c - helpers that answer, hang and die
 */
#include "authsvc/pam/pam_keeper.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/test.h"

/* Says the question backwards; some words have other effects. */
static ssize_t
help(void *arg, struct span question, char *answer, size_t room)
{
	if (room < question.len || strcmp(arg, "here") != 0)
		return -1;
	if (span_eq(question, SPAN_LIT("hang")))
		for (;;)
			pause();
	if (span_eq(question, SPAN_LIT("crash")))
		raise(SIGKILL);
	if (span_eq(question, SPAN_LIT("nothing")))
		return -1;
	for (size_t i = 0; i < question.len; i++)
		answer[i] = question.at[question.len - 1 - i];
	return (ssize_t)question.len;
}

static bool
asks(struct pam_keeper *k, const char *question, const char *expected)
{
	char answer[64];
	ssize_t n = pam_keeper_ask(k, span_str(question), answer, sizeof(answer));

	if (!expected)
		return n == -1;
	return n >= 0 && span_eq(span_of(answer, (size_t)n), span_str(expected));
}

static void
test_helpers_answer_or_do_not(void **state)
{
	struct pam_keeper *k = pam_keeper_new(help, (void *)"here", 3);

	(void)state;
	assert_true(asks(k, "abc", "cba"));
	assert_true(asks(k, "nothing", NULL));
	assert_true(asks(k, "crash", NULL));
	assert_true(asks(k, "abcd", "dcba"));
	int64_t begun = clock_mono_ms();
	assert_true(asks(k, "hang", NULL));
	assert_in_range(clock_mono_ms() - begun, 2000, 30000);
	assert_true(asks(k, "x", "x"));
	pam_keeper_free(&k);
	assert_null(k);
}

static void
test_a_dead_keeper_is_replaced(void **state)
{
	struct pam_keeper *k = pam_keeper_new(help, (void *)"here", 3);
	pid_t first = pam_keeper_pid(k);

	(void)state;
	assert_true(asks(k, "abc", "cba"));
	kill(first, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)first, NULL, WEXITED | WNOWAIT), 0);
	assert_true(asks(k, "abc", "cba"));
	assert_int_not_equal(pam_keeper_pid(k), first);
	pid_t second = pam_keeper_pid(k);
	pam_keeper_free(&k);
	assert_int_equal(kill(second, 0), -1);
}

static void *
crowd_member(void *arg)
{
	static atomic_int wrong;
	char question[16];

	for (int i = 0; i < 50; i++) {
		snprintf(question, sizeof(question), "%da", i % 10);
		char expected[] = { 'a', question[0], '\0' };
		if (!asks(arg, question, expected))
			wrong++;
	}
	return &wrong;
}

static void
test_many_threads_ask_at_once(void **state)
{
	struct pam_keeper *k = pam_keeper_new(help, (void *)"here", 15);
	pthread_t thread[4];
	void *wrong;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_member, k), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], &wrong);
	assert_int_equal(atomic_load((atomic_int *)wrong), 0);
	pam_keeper_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_helpers_answer_or_do_not),
		cmocka_unit_test(test_a_dead_keeper_is_replaced),
		cmocka_unit_test(test_many_threads_ask_at_once),
	};
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
