/*
 * session_input - cutting commands, lines and literals out of a stream of bytes
 *
 * A command being collected stays in the conn until it is whole; `line` and `scanned` keep
 * us from looking at its bytes twice. A streamed literal leaves the conn in
 * pieces that RPC sends from where they lie.
 */
#include "base/secret.h"
#include "frontend/session/session_private.h"

enum {
	PIECE = 256 * 1024,	/* most of a streamed literal at once                     */
	REFUSED_HEAD = 1024,	/* what a command that is too long keeps: tag and name    */
	ANNOUNCEMENT = 32,	/* longer than "{18446744073709551615+}\r\n"              */
};

static size_t
command_limit(const struct session *s)
{
	return (size_t)frontend_config(s->frontend)->max_line;
}

/* --- announcements ----------------------------------------------------------------------- */

static bool
is_digits(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_digit(s.at[i]))
			return false;
	return s.len > 0;
}

/* Does the line (with its end) announce a literal: "{310}", "{310+}"? RFC 9051 section 4.3, RFC 7888. */
static bool
line_announces(struct span line, struct session_literal_info *out)
{
	uint64_t size;
	line = span_head(line, line.len - 1);
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	if (line.len < 3 || line.at[line.len - 1] != '}')
		return false;
	size_t open = span_rindex(line, '{');
	if (open == line.len)
		return false;
	struct span inside = span_of(line.at + open + 1, line.len - open - 2);
	bool waits = !span_ends(inside, SPAN_LIT("+"));
	if (!waits)
		inside.len--;
	if (!is_digits(inside))
		return false;
	if (!span_number(inside, INT64_MAX, &size))
		size = INT64_MAX;	/* too many bytes are not commands for that */
	*out = (struct session_literal_info){ size, size, waits };
	return true;
}

/* The end of the line at hand (behind its LF), or 0. */
static size_t
line_end(struct session *s, struct span in)
{
	struct span fresh = span_skip(in, s->input.scanned);
	size_t at = span_index(fresh, '\n');
	s->input.scanned += at;
	return at < fresh.len ? s->input.scanned + 1 : 0;
}

/* --- throwing away -------------------------------------------------------------------------- */

/* The tail of a line that is being skipped stays until its end is seen: it may announce a literal. */
static bool
skip_line(struct session *s)
{
	struct session_literal_info literal;
	struct span in = conn_input(s->conn);
	size_t end = span_index(in, '\n');
	if (end == in.len) {
		if (in.len > ANNOUNCEMENT)
			conn_consume(s->conn, in.len - ANNOUNCEMENT);
		return false;
	}
	bool goes_on = line_announces(span_head(in, end + 1), &literal) && !literal.waits;
	conn_consume(s->conn, end + 1);
	s->input.skip_line = goes_on;
	s->input.skip = goes_on ? literal.size : 0;
	return true;
}

/* True when nothing is left to be skipped. */
static bool
input_skip(struct session *s)
{
	struct session_input *input = &s->input;
	while (input->skip || input->skip_line) {
		size_t here = conn_input(s->conn).len;
		if (!here)
			return false;
		if (input->skip) {
			size_t len = here < input->skip ? here : (size_t)input->skip;
			conn_consume(s->conn, len);
			input->skip -= len;
		} else if (!skip_line(s)) {
			return false;
		}
	}
	return true;
}

/* --- commands --------------------------------------------------------------------------------- */

/* The first `len` bytes of the input go; the command is the first `keep` of them. */
static struct task *
command_new(struct session *s, size_t len, size_t keep)
{
	struct task *t = task_new(&s->env, s, session_command_over);
	t->input = arena_span(&t->arena, span_head(conn_input(s->conn), keep));
	if (s->state == SESSION_NOT_AUTHENTICATED)
		conn_consume_secret(s->conn, len);
	else
		conn_consume(s->conn, len);
	s->input.line = s->input.scanned = 0;
	return t;
}

static struct task *
command_refuse(struct session *s, size_t len)
{
	s->oversize = true;
	return command_new(s, len, len < REFUSED_HEAD ? len : REFUSED_HEAD);
}

/* The line up to `end` announces a literal that is not collected. */
static struct task *
command_with_literal(struct session *s, size_t end, const struct session_literal_info *literal, bool refuse)
{
	s->input.literal = *literal;
	s->input.streamed = true;
	s->input.rest_pending = !literal->waits;
	return refuse ? command_refuse(s, end) : command_new(s, end, end);
}

/* One more line of the command; NULL when it goes on behind a literal. */
static struct task *
command_line(struct session *s, struct span in, size_t end)
{
	struct session_literal_info literal;
	struct span line = span_of(in.at + s->input.line, end - s->input.line);
	if (!s->protocol->literals || !line_announces(line, &literal))
		return command_new(s, end, end);
	if (s->protocol->literal(s, span_head(in, end), literal.size) == LITERAL_STREAM)
		return command_with_literal(s, end, &literal, false);
	if (literal.size >= command_limit(s) - end)
		return command_with_literal(s, end, &literal, true);
	if (literal.waits)
		session_write(s, SPAN_LIT("+ OK\r\n"));
	s->input.line = s->input.scanned = end + (size_t)literal.size;
	return NULL;
}

enum input_result
input_next_command(struct session *s, struct task **out)
{
	if (s->input.skip > 2 * (uint64_t)frontend_config(s->frontend)->max_message)
		return INPUT_FLOOD;
	if (!input_skip(s))
		return INPUT_MORE;
	for (;;) {
		struct span in = conn_input(s->conn);
		size_t end = line_end(s, in);
		if (end > command_limit(s) || (!end && in.len >= command_limit(s))) {
			s->input.skip_line = !end;
			*out = command_refuse(s, end ? end : in.len);
			return INPUT_COMMAND;
		}
		if (!end) {
			if (s->input.line && in.len >= s->input.line)
				conn_acknowledge(s->conn);	/* a literal is here, its line is not */
			return INPUT_MORE;
		}
		struct task *t = command_line(s, in, end);
		if (t) {
			*out = t;
			return INPUT_COMMAND;
		}
	}
}

void
input_command_over(struct session *s)
{
	struct session_input *input = &s->input;
	if (input->streamed) {
		input->skip = input->literal.waits ? 0 : input->literal.left;
		input->skip_line = input->skip_line || input->rest_pending;
	}
	rpc_attachment_release(&input->piece);
	input->literal = (struct session_literal_info){ 0 };
	input->streamed = input->rest_pending = input->secret = false;
	input->waits = SESSION_WAITS_NOT;
	s->oversize = false;
}

void
input_release(struct session *s)
{
	rpc_attachment_release(&s->input.piece);
}

/* --- lines for the command at hand ------------------------------------------------------------------ */

struct secret_line {
	char *at;
	size_t len;
};

static void
wipe_line(void *arg)
{
	struct secret_line *line = arg;
	secret_wipe(line->at, line->len);
}

static void
wipe_at_end(struct task *t, struct span bytes)
{
	struct secret_line *line = ARENA_NEW(&t->arena, struct secret_line);
	*line = (struct secret_line){ (char *)(uintptr_t)bytes.at, bytes.len };
	task_on_end(t, wipe_line, line);
}

void
session_secret_input(struct task *t)
{
	t->session->input.secret = true;
	wipe_at_end(t, t->input);
}

/* The line up to `end`, copied without its CRLF, consumed. */
static struct span
take_line(struct task *t, size_t end)
{
	struct session *s = t->session;
	struct session_input *input = &s->input;
	struct span in = span_head(conn_input(s->conn), end);
	struct session_literal_info literal;
	size_t len = end - 1;

	if (len && in.at[len - 1] == '\r')
		len--;
	if (input->streamed) {
		input->rest_pending = false;
		if (line_announces(in, &literal)) {
			input->literal = literal;
			input->rest_pending = !literal.waits;
		}
	}
	struct span line = arena_span(&t->arena, span_head(in, len));
	if (input->secret) {
		wipe_at_end(t, line);
		conn_consume_secret(s->conn, end);
	} else {
		conn_consume(s->conn, end);
	}
	input->scanned = 0;
	return line;
}

/* True: the wait for a line is over, with *out_status. */
static bool
line_ready(struct task *t, struct status *out_status)
{
	struct session *s = t->session;
	if (!input_skip(s))
		return false;
	struct span in = conn_input(s->conn);
	size_t end = line_end(s, in);
	if (!end && in.len < command_limit(s))
		return false;
	*out_status = STATUS_FINE;
	if (end && end <= command_limit(s)) {
		*s->input.out = take_line(t, end);
		return true;
	}
	s->input.skip_line = !end;
	s->input.rest_pending = false;
	s->input.scanned = 0;
	conn_consume(s->conn, end ? end : in.len);
	*s->input.out = span_of("", 0);
	*out_status = status_make(STATUS_INVALID, "Line too long");
	return true;
}

/* --- literals for the command at hand ------------------------------------------------------------------ */

struct session_literal_info
session_literal_info(const struct session *s)
{
	return s->input.literal;
}

/* Fill the piece; true when it is full. */
static bool
literal_ready(struct session *s)
{
	struct session_input *input = &s->input;
	while (input->piece_left) {
		struct span in = span_head(conn_input(s->conn), input->piece_left);
		if (!in.len)
			return false;
		memcpy(rpc_attachment_reserve(&input->piece, input->piece_left), in.at, in.len);
		rpc_attachment_commit(&input->piece, in.len);
		conn_consume(s->conn, in.len);
		input->piece_left -= in.len;
		input->literal.left -= in.len;
	}
	*input->out = input->piece.bytes;
	return true;
}

static bool
wait_is_over(struct task *t, struct status *out_status)
{
	*out_status = STATUS_FINE;
	if (t->session->input.waits == SESSION_WAITS_LITERAL)
		return literal_ready(t->session);
	return line_ready(t, out_status);
}

static enum step
wait_for(struct task *t, enum session_waits what, struct span *out, step_fn *next)
{
	struct session_input *input = &t->session->input;
	struct status status;
	input->waits = (uint8_t)what;
	input->out = out;
	if (!wait_is_over(t, &status)) {
		if (conn_at_end(t->session->conn))
			conn_finish(t->session->conn);
		else if (what == SESSION_WAITS_LINE && input->rest_pending)
			conn_acknowledge(t->session->conn);	/* a literal is here, its line is not */
		return task_park(t, next);
	}
	input->waits = SESSION_WAITS_NOT;
	t->status = status;
	return task_go(t, next);
}

enum step
session_line(struct task *t, struct span *out, step_fn *next)
{
	rpc_attachment_release(&t->session->input.piece);
	return wait_for(t, SESSION_WAITS_LINE, out, next);
}

enum step
session_literal(struct task *t, struct span *out, step_fn *next)
{
	struct session_input *input = &t->session->input;
	rpc_attachment_release(&input->piece);
	if (input->literal.waits) {
		session_write(t->session, SPAN_LIT("+ OK\r\n"));
		input->literal.waits = false;
		input->rest_pending = true;
	}
	input->piece_left = input->literal.left < PIECE ? (size_t)input->literal.left : PIECE;
	return wait_for(t, SESSION_WAITS_LITERAL, out, next);
}

void
session_literal_send(struct task *t)
{
	rpc_attachment_release(&t->send);
	t->send = rpc_attachment_take(&t->session->input.piece);
}

void
input_arrived(struct session *s)
{
	struct status status;
	if (!s->task || s->input.waits == SESSION_WAITS_NOT)
		return;
	if (wait_is_over(s->task, &status)) {
		s->input.waits = SESSION_WAITS_NOT;
		task_wake(s->task, status);
	} else if (conn_at_end(s->conn)) {
		conn_finish(s->conn);
	}
}
