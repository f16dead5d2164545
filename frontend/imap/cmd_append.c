/*
 * cmd_append.c - APPEND (RFC 9051, 6.3.12; RFC 4315)
 *
 *	start		arguments and size are fine: ask for the message
 *	piece		full pieces are pushed to storesvc as they come; the last one waits
 *	pushed		for the next piece
 *	ended		the line has nothing behind the message: hand over the last piece
 *	appended	APPENDUID
 *
 * The message exists only once the whole command was read and the last piece arrived with
 * Append, so a client that goes away in the middle leaves nothing behind.
 */
#include "base/hex.h"
#include "base/panic.h"
#include "frontend/imap/imap_ops.h"

#include <openssl/rand.h>

struct append_frame {
	struct imap_frame base;
	struct span mailbox;
	struct imap_strings flags;
	bool has_date;
	int64_t date;
	uint64_t size;

	struct span piece, rest;
	uint64_t offset;		/* bytes pushed                       */
	Posthouse__UploadRequest upload;
	const Posthouse__UploadReply *uploaded;
	Posthouse__AppendRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__AppendReply *reply;
};

/* append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal, up to the literal */
static enum parse
append_head(struct imap_parser *p, struct append_frame *f)
{
	char next;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	TRY(rule_space(p));
	TRY(rule_peek(p, &next));
	if (next == '(') {
		TRY(rule_flag_list(p, &f->flags));
		TRY(rule_space(p));
		TRY(rule_peek(p, &next));
	}
	if (next == '"') {
		TRY(rule_date_time(p, &f->date));
		f->has_date = true;
		TRY(rule_space(p));
		TRY(rule_peek(p, &next));
	}
	return next == '{' ? PARSE_OK : rule_bad(p, "A literal is expected");
}

/* The announcement ends the input: the message itself is read by the steps. */
static enum parse
append_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct append_frame *f = (struct append_frame *)frame;

	TRY(append_head(p, f));
	TRY(rule_char(p, '{'));
	TRY(rule_number64(p, &f->size));
	if (rule_next_is(p, '+'))
		TRY(rule_char(p, '+'));
	TRY(rule_char(p, '}'));
	TRY(rule_end(p));
	return p->at == p->in.len ? PARSE_OK : rule_bad(p, "The message is announced twice");
}

/* Clients that move mail between servers send \Recent along; it is nobody's to set. */
static void
drop_recent(struct imap_strings *flags)
{
	size_t kept = 0;

	for (size_t i = 0; i < flags->count; i++)
		if (!span_eq_nocase(flags->items[i], SPAN_LIT("\\Recent")))
			flags->items[kept++] = flags->items[i];
	flags->count = kept;
}

static enum step append_piece(struct task *t);

static enum step
append_start(struct task *t)
{
	struct append_frame *f = task_frame(t);

	posthouse__append_request__init(&f->request);
	drop_recent(&f->flags);
	if (!imap_flags(&t->arena, &f->flags, &f->request.flags))
		return imap_bad_arguments(t, "There is a flag that cannot be stored");
	f->request.n_flags = f->flags.count;

	struct status named = imap_mailbox(t, f->mailbox, &f->request.mailbox);
	if (!status_ok(named))
		return named.code == STATUS_NOT_FOUND ? imap_no_code(t, "CANNOT", named.text) : imap_no(t, named);
	if (f->size > (uint64_t)frontend_config(t->session->frontend)->max_message)
		return imap_no_code(t, "TOOBIG", "The message is larger than this server takes");
	if (f->size == 0)
		return imap_no_code(t, "CANNOT", "A message without a byte is none");
	f->request.has_received_at = f->has_date;
	f->request.received_at = f->date;
	return session_literal(t, &f->piece, append_piece);
}

static enum step
append_appended(struct task *t)
{
	struct append_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return imap_no_target(t, t->status);
	if (t->session->selected)
		imap_report(t, f->reply->delta);
	return imap_ok(t, "[APPENDUID %u %u] APPEND completed", f->reply->uidvalidity, f->reply->uid);
}

static enum step
append_ended(struct task *t)
{
	struct append_frame *f = task_frame(t);

	if (!status_ok(t->status) || f->rest.len)
		return imap_bad_arguments(t, "Nothing may follow the message");
	if (t->session->selected) {
		session_box(t->session, &f->box);
		f->request.selected = &f->box;
	}
	return store_append(t, &f->request, &f->reply, append_appended);
}

static enum step
append_pushed(struct task *t)
{
	struct append_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return imap_no_target(t, t->status);
	f->offset += f->piece.len;
	return session_literal(t, &f->piece, append_piece);
}

/* Names the upload among all that storesvc has under way; the same for all its pieces. */
static char *
upload_id(struct arena *a)
{
	unsigned char random[16];
	char *hex = arena_alloc(a, 2 * sizeof(random) + 1);

	if (RAND_bytes(random, sizeof(random)) != 1)
		panic("no random numbers");
	hex_encode(span_of(random, sizeof(random)), hex);
	return hex;
}

static enum step
append_piece(struct task *t)
{
	struct append_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	if (f->offset + f->piece.len == f->size) {
		session_literal_send(t);	/* kept while the end of the line is read */
		f->request.offset = f->offset;
		return session_line(t, &f->rest, append_ended);
	}
	if (f->offset == 0) {
		posthouse__upload_request__init(&f->upload);
		f->upload.upload_id = upload_id(&t->arena);
		f->request.upload_id = f->upload.upload_id;
	}
	f->upload.offset = f->offset;
	session_literal_send(t);
	return store_upload(t, &f->upload, &f->uploaded, append_pushed);
}

const struct imap_ops append_ops = {
	.frame_size = sizeof(struct append_frame),
	.parse = append_parse,
	.start = append_start,
};
