/*
 * request_memory_test.c - calls that are made again
 */
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"
#include "proto/store.pb-c.h"
#include "storesvc/methods/request_memory.h"

static struct request_memory *memory;

static void
end_with(struct request **mine, enum status_code code, uint32_t uid)
{
	Posthouse__AppendReply reply = POSTHOUSE__APPEND_REPLY__INIT;

	reply.uid = uid;
	request_end(memory, mine, status_make(code, "text"), &reply.base, SPAN_LIT("bytes"));
}

static void
the_first_outcome_is_given_again(void **state)
{
	Posthouse__AppendReply reply = POSTHOUSE__APPEND_REPLY__INIT;
	struct request *mine, *known;
	struct rpc_call *call = rpc_call_new("t", 0);

	(void)state;
	assert_true(status_ok(request_begin(memory, SPAN_LIT("a"), 0, &mine, &known)));
	assert_non_null(mine);
	end_with(&mine, STATUS_OK, 7);
	assert_true(status_ok(request_begin(memory, SPAN_LIT("a"), 0, &mine, &known)));
	assert_null(mine);
	assert_true(status_ok(request_answer(known, call, &reply.base)));
	assert_int_equal(reply.uid, 7);
	assert_true(span_eq(call->send.bytes, SPAN_LIT("bytes")));
	request_put(memory, &known);
	rpc_call_free(&call);
}

static void
failures_are_remembered_but_not_temporary_ones(void **state)
{
	Posthouse__AppendReply reply = POSTHOUSE__APPEND_REPLY__INIT;
	struct request *mine, *known;
	struct rpc_call *call = rpc_call_new("t", 0);

	(void)state;
	assert_true(status_ok(request_begin(memory, SPAN_LIT("b"), 0, &mine, &known)));
	end_with(&mine, STATUS_UNAVAILABLE, 0);
	assert_true(status_ok(request_begin(memory, SPAN_LIT("b"), 0, &mine, &known)));
	assert_non_null(mine);
	end_with(&mine, STATUS_EXISTS, 0);
	assert_true(status_ok(request_begin(memory, SPAN_LIT("b"), 0, &mine, &known)));
	assert_int_equal(request_answer(known, call, &reply.base).code, STATUS_EXISTS);
	request_put(memory, &known);
	rpc_call_free(&call);
}

static void *
end_soon(void *arg)
{
	struct request **mine = arg;

	usleep(30000);
	end_with(mine, STATUS_OK, 9);
	return NULL;
}

static void
the_second_waits_for_the_first(void **state)
{
	struct request *mine, *second, *known;
	pthread_t thread;

	(void)state;
	assert_true(status_ok(request_begin(memory, SPAN_LIT("c"), 0, &mine, &known)));
	assert_int_equal(request_begin(memory, SPAN_LIT("c"), clock_mono_ms() + 5, &second, &known).code,
	    STATUS_DEADLINE);
	assert_int_equal(pthread_create(&thread, NULL, end_soon, &mine), 0);
	assert_true(status_ok(request_begin(memory, SPAN_LIT("c"), clock_mono_ms() + 10000, &second, &known)));
	assert_null(second);
	assert_non_null(known);
	request_put(memory, &known);
	pthread_join(thread, NULL);
}

static void
old_ones_make_room(void **state)
{
	struct request *mine, *known;
	char name[32];

	(void)state;
	for (int i = 0; i < 9000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_true(status_ok(request_begin(memory, span_str(name), 0, &mine, &known)));
		end_with(&mine, STATUS_OK, 1);
	}
	assert_true(status_ok(request_begin(memory, SPAN_LIT("n0"), 0, &mine, &known)));
	assert_non_null(mine);
	end_with(&mine, STATUS_OK, 1);
	assert_true(status_ok(request_begin(memory, SPAN_LIT("n8999"), 0, &mine, &known)));
	assert_non_null(known);
	request_put(memory, &known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_outcome_is_given_again),
		cmocka_unit_test(failures_are_remembered_but_not_temporary_ones),
		cmocka_unit_test(the_second_waits_for_the_first),
		cmocka_unit_test(old_ones_make_room),
	};

	memory = request_memory_new();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	request_memory_free(&memory);
	return failed;
}
