/*
 * rpc_frame_test.c - frames: there and back, damaged, and a byte at a time
 */
#include "rpc/rpc_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "rpc/rpc_attachment.h"
#include "rpc/rpc_reader.h"

#define MAX_FRAME (1u << 20)

/* The bytes of a frame with these parts, as they would be sent. */
static void
add_frame(struct buf *out, const char *method, size_t message_len, size_t attachment_len, uint64_t number)
{
	Posthouse__RpcHeader header = POSTHOUSE__RPC_HEADER__INIT;
	struct rpc_packet *packet;
	struct rpc_attachment attachment = { 0 };
	char *message = mem_alloc(message_len + 1);

	header.method = (char *)method;
	memset(message, 'm', message_len);
	memset(rpc_attachment_reserve(&attachment, attachment_len), 'a', attachment_len);
	rpc_attachment_commit(&attachment, attachment_len);
	assert_true(status_ok(rpc_packet_build(&header, span_of(message, message_len), attachment, &packet)));
	rpc_packet_number(packet, number);
	buf_add(out, packet->head, packet->head_len);
	buf_span(out, packet->attachment.bytes);
	rpc_packet_free(&packet);
	free(message);
}

static void
check_frame(struct span bytes, const char *method, size_t message_len, size_t attachment_len)
{
	struct rpc_frame frame;
	struct arena a;

	arena_init(&a, 0);
	assert_true(status_ok(rpc_frame_parse(&a, bytes, &frame)));
	assert_string_equal(frame.header->method, method);
	assert_int_equal(frame.message.len, message_len);
	assert_int_equal(frame.attachment.len, attachment_len);
	for (size_t i = 0; i < message_len; i++)
		assert_int_equal(frame.message.at[i], 'm');
	for (size_t i = 0; i < attachment_len; i++)
		assert_int_equal(frame.attachment.at[i], 'a');
	arena_release(&a);
}

static void
there_and_back(void **state)
{
	static const size_t sizes[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 300, 70000 }, { 70000, 300 } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf b;
		struct rpc_prefix prefix;
		buf_init(&b, 0);
		add_frame(&b, "Login", sizes[i][0], sizes[i][1], UINT64_C(0x123456789abcdef0));
		check_frame(buf_view(&b), "Login", sizes[i][0], sizes[i][1]);
		assert_true(rpc_prefix_parse(b.at, &prefix));
		assert_true(prefix.number == UINT64_C(0x123456789abcdef0));
		buf_release(&b);
	}
}

/* A frame that is cut, longer, or says other lengths is refused. */
static void
damage_is_refused(void **state)
{
	struct buf b;
	struct rpc_frame frame;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	buf_init(&b, 0);
	add_frame(&b, "Login", 10, 10, 1);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(rpc_frame_parse(&a, span_of(b.at, len), &frame).code, STATUS_INVALID);
	for (size_t i = 0; i < 12; i++) {	/* magic and lengths; the number may be anything */
		b.at[i] ^= 1;
		assert_int_equal(rpc_frame_parse(&a, buf_view(&b), &frame).code, STATUS_INVALID);
		b.at[i] ^= 1;
	}
	memset(b.at + RPC_FRAME_PREFIX, 0xff, 7);	/* "Login" and its tag */
	assert_int_equal(rpc_frame_parse(&a, buf_view(&b), &frame).code, STATUS_INVALID);
	buf_char(&b, 'x');
	assert_int_equal(rpc_frame_parse(&a, buf_view(&b), &frame).code, STATUS_INVALID);
	buf_release(&b);
	arena_release(&a);
}

static void
too_large_is_refused(void **state)
{
	Posthouse__RpcHeader header = POSTHOUSE__RPC_HEADER__INIT;
	struct rpc_attachment none = { 0 };
	struct rpc_packet *packet = NULL;
	char *name = mem_alloc(70000);

	(void)state;
	memset(name, 'x', 69999);
	name[69999] = '\0';
	header.trace_id = name;
	assert_int_equal(rpc_packet_build(&header, SPAN_LIT(""), none, &packet).code, STATUS_INVALID);
	assert_null(packet);
	free(name);
}

/* Take all frames there are; their lengths in *out, 0 behind the last. False: the stream is bad. */
static bool
drain(struct rpc_reader *r, size_t *out, size_t *count)
{
	struct rpc_block *block;
	enum rpc_read result;

	while ((result = rpc_reader_next(r, &block)) == RPC_READ_FRAME) {
		out[(*count)++] = block->len;
		free(block);
	}
	return result == RPC_READ_MORE;
}

/* Feed in steps of at most `step` bytes. */
static size_t
feed(struct span bytes, size_t step, size_t *lengths)
{
	struct rpc_reader r;
	size_t count = 0;

	rpc_reader_init(&r, MAX_FRAME);
	while (bytes.len) {
		struct span room = rpc_reader_room(&r);
		size_t n = room.len < step ? room.len : step;
		assert_true(room.len > 0);
		n = n < bytes.len ? n : bytes.len;
		memcpy((char *)room.at, bytes.at, n);
		bytes = span_skip(bytes, n);
		rpc_reader_fed(&r, n);
		assert_true(drain(&r, lengths, &count));
	}
	rpc_reader_release(&r);
	return count;
}

/* Frames of all sizes in one stream arrive the same however they are cut. */
static void
any_cut_reads_the_same(void **state)
{
	static const size_t steps[] = { 1, 2, 19, 20, 21, 1000, 65535, 65536, 1 << 20 };
	struct buf b;
	size_t want[64], got[64], frames = 0;
	unsigned seed = (unsigned)clock_wall_ns();

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	buf_init(&b, 0);
	for (; frames < 40; frames++) {
		size_t before = b.len, scale = frames % 4 == 0 ? 200000 : 300;
		add_frame(&b, "M", (size_t)random() % scale, (size_t)random() % scale, frames);
		want[frames] = b.len - before;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(feed(buf_view(&b), steps[i], got), frames);
		assert_memory_equal(got, want, frames * sizeof(want[0]));
	}
	buf_release(&b);
}

static void
bad_streams_end(void **state)
{
	static const char *const heads[] = {
		"GET / HTTP/1.1\r\nHost: x\r\n", "P2\1\0\1\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0",
		"P1\0\0\0\0\0\x7f\0\0\0\0\0\0\0\0\0\0\0\0",	/* a message of 2 GB */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct rpc_reader r;
		size_t lengths[8], count = 0;
		rpc_reader_init(&r, MAX_FRAME);
		memcpy((char *)rpc_reader_room(&r).at, heads[i], RPC_FRAME_PREFIX);
		rpc_reader_fed(&r, RPC_FRAME_PREFIX);
		assert_false(drain(&r, lengths, &count));
		rpc_reader_release(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(too_large_is_refused),
		cmocka_unit_test(any_cut_reads_the_same),
		cmocka_unit_test(bad_streams_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
