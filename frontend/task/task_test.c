/*
 * Steps run in order, once each, and not at all after a cancellation
 *
 * The service is auth_fake behind a wire that can be cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "frontend/task/task_calls.h"
#include "frontend/testing/auth_fake.h"
#include "frontend/testing/wire.h"

/* What happened, as letters. */
static struct buf trace;

static struct {
	struct loop *loop;
	struct auth_fake auth;
	struct wire *wire;
	struct task_env env;
} world;

static void
begin(void)
{
	buf_init(&trace, 0);
	world.loop = loop_new(0);
	auth_fake_init(&world.auth);
	world.wire = wire_new(&world.auth.service.base);
	wire_attach(world.wire, world.loop);
	world.env = (struct task_env){ .loop = world.loop, .auth = wire_service(world.wire), .patience = 100,
	    .trace = "test" };
}

static void
end(const char *want)
{
	loop_run_for(world.loop, 10);
	buf_char(&trace, '\0');
	assert_string_equal(trace.at, want);
	assert_int_equal(task_calls_under_way(), 0);
	wire_free(&world.wire);
	loop_free(&world.loop);
	buf_release(&trace);
}

static void
undo(void *arg)
{
	buf_str(&trace, arg);
}

static void
ended(struct task *t)
{
	buf_str(&trace, status_ok(t->status) ? "E" : "e");
}

static struct task *
task_started(step_fn *first)
{
	struct task *t = task_new(&world.env, NULL, ended);
	task_start(t, first);
	return t;
}

/* --- going on without waiting: a million steps need no stack ------------------------------ */

static enum step
count_down(struct task *t)
{
	unsigned *left = task_frame(t);
	if (--*left == 0)
		return task_end(t);
	return task_go(t, count_down);
}

static enum step
count_start(struct task *t)
{
	static char first[] = "1", second[] = "2";
	unsigned *left = TASK_FRAME(t, unsigned);
	*left = 1000000;
	task_on_end(t, undo, first);
	task_on_end(t, undo, second);
	return task_go(t, count_down);
}

static void
test_no_recursion(void **state)
{
	(void)state;
	begin();
	task_started(count_start);
	end("21E");
}

/* --- time --------------------------------------------------------------------------------------- */

static enum step
slept(struct task *t)
{
	buf_str(&trace, "s");
	return task_end(t);
}

static enum step
yielded(struct task *t)
{
	buf_str(&trace, "y");
	return task_sleep(t, 20, slept);
}

static enum step
sleep_start(struct task *t)
{
	return task_yield(t, yielded);
}

static void
test_time(void **state)
{
	int64_t before = clock_mono_ms();
	(void)state;
	begin();
	task_started(sleep_start);
	buf_str(&trace, "-");
	while (trace.len < 4)
		loop_run_for(world.loop, 2);
	assert_true(clock_mono_ms() - before >= 10);	/* 20, give or take a coarse clock */
	end("-ysE");
}

/* --- calls ------------------------------------------------------------------------------------------ */

struct calls {
	Posthouse__LoginRequest right, wrong;
	Posthouse__MechanismsRequest which;
	const Posthouse__LoginReply *right_reply, *wrong_reply;
	const Posthouse__MechanismsReply *which_reply;
};

static enum step
all_answered(struct task *t)
{
	struct calls *f = task_frame(t);
	assert_int_equal(t->status.code, STATUS_UNAUTHENTICATED);
	assert_null(f->wrong_reply);
	assert_string_equal(f->right_reply->account->account, "alice");
	assert_int_equal(f->which_reply->n_names, 2);
	buf_str(&trace, "a");
	t->status = STATUS_FINE;
	return task_end(t);
}

static enum step
which_answered(struct task *t)
{
	struct calls *f = task_frame(t);
	assert_true(status_ok(t->status));
	assert_string_equal(f->which_reply->names[0], "PLAIN");
	buf_str(&trace, "w");
	auth_login_also(t, &f->right, &f->right_reply);
	auth_login_also(t, &f->wrong, &f->wrong_reply);
	auth_mechanisms_also(t, &f->which, &f->which_reply);
	return task_all(t, all_answered);
}

static enum step
calls_start(struct task *t)
{
	static char user[] = "alice", password[] = "alice-demo", other[] = "guess";
	struct calls *f = TASK_FRAME(t, struct calls);
	posthouse__login_request__init(&f->right);
	f->right.user = user;
	f->right.password = (ProtobufCBinaryData){ sizeof(password) - 1, (uint8_t *)password };
	f->wrong = f->right;
	f->wrong.password = (ProtobufCBinaryData){ sizeof(other) - 1, (uint8_t *)other };
	posthouse__mechanisms_request__init(&f->which);
	return auth_mechanisms(t, &f->which, &f->which_reply, which_answered);
}

static void
test_calls(void **state)
{
	(void)state;
	begin();
	task_started(calls_start);
	buf_str(&trace, "-");
	end("-waE");
}

/* Without an answer the call is given up in time, and the next one has its own time again. */
static enum step
late_answered(struct task *t)
{
	struct calls *f = task_frame(t);
	assert_int_equal(t->status.code, STATUS_DEADLINE);
	assert_null(f->which_reply);
	buf_str(&trace, "d");
	t->status = STATUS_FINE;
	return task_end(t);
}

static enum step
late_start(struct task *t)
{
	struct calls *f = TASK_FRAME(t, struct calls);
	posthouse__mechanisms_request__init(&f->which);
	return auth_mechanisms(t, &f->which, &f->which_reply, late_answered);
}

static void
test_deadline(void **state)
{
	(void)state;
	begin();
	wire_cut(world.wire, true);
	task_started(late_start);
	loop_run_for(world.loop, 200);
	end("dE");
}

/* The service is not known: no call, but the step runs all the same, and later. */
static enum step
unknown_answered(struct task *t)
{
	assert_int_equal(t->status.code, STATUS_UNAVAILABLE);
	buf_str(&trace, "u");
	return task_end(t);
}

static enum step
unknown_start(struct task *t)
{
	static Posthouse__StatusRequest request = POSTHOUSE__STATUS_REQUEST__INIT;
	static const Posthouse__StatusReply *reply;
	enum step step = store_status(t, &request, &reply, unknown_answered);
	buf_str(&trace, "-");
	return step;
}

static void
test_unknown_service(void **state)
{
	(void)state;
	begin();
	task_started(unknown_start);
	end("-ue");
}

/* --- cancelling --------------------------------------------------------------------------------------- */

static enum step
never(struct task *t)
{
	buf_str(&trace, "!");
	return task_end(t);
}

static enum step
park_start(struct task *t)
{
	static char mark[] = "x";
	task_on_end(t, undo, mark);
	return task_park(t, never);
}

static enum step
call_start(struct task *t)
{
	static char mark[] = "y";
	struct calls *f = TASK_FRAME(t, struct calls);
	task_on_end(t, undo, mark);
	posthouse__mechanisms_request__init(&f->which);
	return auth_mechanisms(t, &f->which, &f->which_reply, never);
}

static void
test_cancel(void **state)
{
	(void)state;
	begin();
	struct task *parked = task_started(park_start), *asleep = task_started(sleep_start);
	struct task *calling = task_started(call_start);
	wire_cut(world.wire, true);
	struct task *waiting = task_started(call_start);
	assert_true(task_is_parked(parked));
	task_cancel(&parked);
	task_cancel(&asleep);
	task_cancel(&calling);	/* its answer is on its way */
	task_cancel(&waiting);	/* nothing of it was sent   */
	assert_null(parked);
	loop_run_for(world.loop, 60);
	end("xyy");
}

static enum step
woken(struct task *t)
{
	buf_str(&trace, t->status.code == STATUS_CONFLICT ? "c" : "o");
	return task_end(t);
}

static enum step
wake_start(struct task *t)
{
	return task_park(t, woken);
}

static void
test_wake(void **state)
{
	(void)state;
	begin();
	struct task *t = task_started(wake_start);
	buf_str(&trace, "-");
	task_wake(t, status_make(STATUS_CONFLICT, ""));
	t = task_started(sleep_start);
	task_wake(t, STATUS_FINE);	/* it waits for something else */
	task_cancel(&t);
	end("-ce");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_recursion),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_unknown_service),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_wake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
