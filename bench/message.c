/*
 * message - mail that looks like mail, the same for the same number
 */
#include "bench/message.h"

#include "base/arena.h"
#include "base/hex.h"
#include "bench/accounts.h"

enum shape { PLAIN, QUOTED, BASE64, ALTERNATIVE, ATTACHMENT, FORWARD };

struct writer {
	struct buf *out;
	uint64_t state;		/* of the random numbers */
	unsigned number;
	bool rare;		/* the rare word is still to be written */
};

static const char *const words[] = {
	"the", "of", "and", "to", "in", "for", "that", "with", "meeting", "report", "please",
	"attached", "budget", "quarter", "harvest", "river", "station", "ticket", "proposal",
	"schedule", "Monday", "Thursday", "review", "thanks", "regards", "question", "answer",
	"printer", "contract", "invoice", "delivery", "garden", "library", "concert", "violin",
	"train", "harbour", "weather", "forecast", "engine", "release", "branch", "customer",
	"support", "holiday", "dinner", "kitchen", "window", "letter", "postage", "horse",
	"courier", "village", "mountain", "bridge", "lantern", "market", "season", "archive",
	"folder", "account", "mailbox", "server", "network",
};
static const char *const accented[] = {
	"r\xc3\xa9sum\xc3\xa9", "Gr\xc3\xbc\xc3\x9f" "e", "stra\xc3\x9f" "e", "a\xc3\xb1o",
	"na\xc3\xafve", "\xc5\xbelu\xc5\xa5", "k\xc3\xb8" "benhavn",
	"\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0",
};
static const char *const people[] = {
	"Alice Archer", "Bob Baker", "Carol Chandler", "Dave Dyer", "Erin Eggers", "Frank Farrier",
	"Grace Glover", "Heidi Harper", "Ivan Ironside", "Judy Joiner", "Karl Kellogg", "Laura Lorimer",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* xorshift64*: small, fast, the same everywhere. */
static uint32_t
pick(struct writer *w, uint32_t below)
{
	w->state ^= w->state >> 12;
	w->state ^= w->state << 25;
	w->state ^= w->state >> 27;
	return (uint32_t)((w->state * 0x2545f4914f6cdd1dull) >> 33) % below;
}

int64_t
message_date(unsigned number)
{
	return 1600000000 + (int64_t)number * 421;
}

static void
write_date(struct buf *out, int64_t when)
{
	char text[64];
	time_t t = (time_t)when;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_add(out, text, strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm));
}

/* Running text in lines of about 70 columns, until `size` bytes are written. */
static void
write_text(struct writer *w, struct buf *out, size_t size, bool eight_bit)
{
	size_t begin = out->len, line = out->len;

	while (out->len - begin < size) {
		if (w->rare && out->len - begin > size / 2) {
			buf_str(out, RARE_WORD " ");
			w->rare = false;
		}
		if (eight_bit && pick(w, 8) == 0)
			buf_str(out, accented[pick(w, COUNT(accented))]);
		else
			buf_str(out, words[pick(w, COUNT(words))]);
		if (out->len - line < 70) {
			buf_char(out, ' ');
		} else {
			buf_str(out, pick(w, 6) ? "\n" : ".\n\n");
			line = out->len;
		}
	}
	buf_char(out, '\n');
}

/* RFC 2045 6.7; the text's own line ends are kept, longer lines get soft ones. */
static void
write_quoted(struct buf *out, struct span text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool ends_line = i + 1 == text.len || text.at[i + 1] == '\n';

		if (c == '\n') {
			buf_char(out, '\n');
			column = 0;
			continue;
		}
		if (column > 70) {
			buf_str(out, "=\n");
			column = 0;
		}
		if (c == '=' || c < ' ' || c > '~' || (c == ' ' && ends_line)) {
			buf_printf(out, "=%02X", c);
			column += 3;
		} else {
			buf_char(out, (char)c);
			column++;
		}
	}
}

static void
write_base64(struct buf *out, struct span bytes)
{
	struct arena a;
	struct span text;

	arena_init(&a, 0);
	text = span_str(base64_encode(&a, bytes));
	for (; text.len > 76; text = span_skip(text, 76)) {
		buf_span(out, span_head(text, 76));
		buf_char(out, '\n');
	}
	buf_span(out, text);
	buf_char(out, '\n');
	arena_release(&a);
}

/* Bytes that do not compress: what is attached is usually packed already. */
static void
write_attachment(struct writer *w, size_t encoded_size)
{
	struct buf bytes;

	buf_init(&bytes, 0);
	for (size_t i = 0; i < encoded_size / 77 * 57 / 4 + 1; i++) {
		uint32_t four = pick(w, UINT32_MAX);
		buf_add(&bytes, &four, sizeof(four));
	}
	write_base64(w->out, buf_view(&bytes));
	buf_release(&bytes);
}

static void
write_message_id(struct buf *out, unsigned number)
{
	buf_printf(out, "<%08x.%u@mail%u.example.test>", number * 2654435761u, number, number % 7);
}

/* The thread a message belongs to: three of four answer a recent one. */
static unsigned
parent_of(unsigned number)
{
	uint32_t mix = number * 2246822519u;

	mix ^= mix >> 15;
	return number < 8 || mix % 4 == 0 ? number : number - 1 - (mix >> 8) % 7;
}

static void
write_thread(struct writer *w)
{
	unsigned parent = parent_of(w->number), ancestor = parent;

	if (parent == w->number)
		return;
	buf_str(w->out, "In-Reply-To: ");
	write_message_id(w->out, parent);
	buf_str(w->out, "\nReferences:");
	for (unsigned depth = 0; depth < 6; depth++) {
		buf_str(w->out, depth ? "\n\t" : " ");
		write_message_id(w->out, ancestor);
		if (parent_of(ancestor) == ancestor)
			break;
		ancestor = parent_of(ancestor);
	}
	buf_char(w->out, '\n');
}

static unsigned
thread_root(unsigned number)
{
	for (unsigned depth = 0; depth < 6 && parent_of(number) != number; depth++)
		number = parent_of(number);
	return number;
}

static void
write_person(struct writer *w, const char *field, bool encoded)
{
	const char *name = people[pick(w, COUNT(people))];

	buf_printf(w->out, "%s: ", field);
	if (encoded)
		buf_printf(w->out, "=?utf-8?Q?J=C3=BCrgen_%.*s?=", (int)strcspn(name, " "), name);
	else
		buf_str(w->out, name);
	buf_printf(w->out, " <%c%s@example.test>\n", ascii_lower(name[0]), strchr(name, ' ') + 2);
}

static void
write_received(struct writer *w, unsigned hops)
{
	for (unsigned hop = 0; hop < hops; hop++) {
		uint32_t relay = pick(w, 9), address = 1 + pick(w, 250);

		buf_printf(w->out, "Received: from mx%u.example.test (mx%u.example.test [192.0.2.%u])\n",
		           relay, hop, address);
		buf_printf(w->out, "\tby mail%u.example.test (Postfix) with ESMTPS id %08X\n"
		           "\tfor <someone@example.test>; ", hop, pick(w, UINT32_MAX));
		write_date(w->out, message_date(w->number) - hop);
		buf_char(w->out, '\n');
	}
}

static void
write_header(struct writer *w, enum shape shape, bool small)
{
	bool encoded = shape == QUOTED || shape == BASE64 || pick(w, 8) == 0;
	unsigned root = thread_root(w->number);

	buf_str(w->out, "Return-Path: <bounce@example.test>\n");
	write_received(w, small ? 1 : 3);
	buf_str(w->out, "Message-ID: ");
	write_message_id(w->out, w->number);
	buf_str(w->out, "\nDate: ");
	write_date(w->out, message_date(w->number));
	buf_char(w->out, '\n');
	write_person(w, "From", encoded);
	write_person(w, "To", false);
	if (pick(w, 3) == 0)
		write_person(w, "Cc", false);
	write_thread(w);
	buf_printf(w->out, "Subject: %s", root == w->number ? "" : "Re: ");
	if (encoded)
		buf_str(w->out, "=?utf-8?B?R3LDvMOfZSBhdXMgZGVy?= ");
	buf_printf(w->out, "%s %s %u\n", words[8 + root % 50], words[8 + root / 50 % 50], root);
	if (!small && pick(w, 4) == 0)
		buf_str(w->out, "List-Id: Post riders <riders.example.test>\nPrecedence: list\n");
	buf_str(w->out, "MIME-Version: 1.0\n");
}

/* A text part with its own header: plain, quoted-printable or base64. */
static void
write_text_part(struct writer *w, const char *subtype, enum shape encoding, size_t size)
{
	static const char *const transfer[] = {
		[PLAIN] = "7bit", [QUOTED] = "quoted-printable", [BASE64] = "base64",
	};
	struct buf text;

	buf_printf(w->out, "Content-Type: text/%s; charset=%s\nContent-Transfer-Encoding: %s\n\n", subtype,
	           encoding == PLAIN ? "us-ascii" : "utf-8", transfer[encoding]);
	buf_init(&text, 0);
	write_text(w, &text, encoding == BASE64 ? size * 3 / 4 : size, encoding != PLAIN);
	if (encoding == QUOTED)
		write_quoted(w->out, buf_view(&text));
	else if (encoding == BASE64)
		write_base64(w->out, buf_view(&text));
	else
		buf_span(w->out, buf_view(&text));
	buf_release(&text);
}

static void
write_multipart(struct writer *w, enum shape shape, size_t size)
{
	const char *kind = shape == ALTERNATIVE ? "alternative" : "mixed";

	buf_printf(w->out, "Content-Type: multipart/%s;\n\tboundary=\"=_%08x\"\n\n"
	           "This is a message in several parts.\n--=_%08x\n", kind, w->number, w->number);
	write_text_part(w, "plain", PLAIN, size > 16384 ? 1024 : size / 4);
	buf_printf(w->out, "\n--=_%08x\n", w->number);
	if (shape == ALTERNATIVE) {
		write_text_part(w, "html", QUOTED, size / 2);
	} else if (shape == ATTACHMENT) {
		buf_printf(w->out, "Content-Type: application/pdf; name=\"report-%u.pdf\"\n"
		           "Content-Transfer-Encoding: base64\n"
		           "Content-Disposition: attachment; filename=\"report-%u.pdf\"\n\n",
		           w->number, w->number);
		write_attachment(w, size > 16384 ? size - 2048 : size * 5 / 8);
	} else {
		buf_str(w->out, "Content-Type: message/rfc822\nContent-Disposition: inline\n\n");
		write_header(w, PLAIN, true);
		write_text_part(w, "plain", PLAIN, size / 2);
	}
	buf_printf(w->out, "\n--=_%08x--\n", w->number);
}

static enum shape
shape_of(struct writer *w)
{
	static const enum shape dice[] = {
		PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, QUOTED, QUOTED, QUOTED, BASE64,
		ALTERNATIVE, ALTERNATIVE, ALTERNATIVE, ATTACHMENT, ATTACHMENT, ATTACHMENT, ATTACHMENT,
		FORWARD,
	};

	if (w->rare)
		return PLAIN + w->number % 7 % 3;
	return dice[pick(w, COUNT(dice))];
}

void
message_write(struct buf *out, unsigned number, size_t size, bool rare)
{
	struct writer w = { out, (number + 1) * 0x9e3779b97f4a7c15ull, number, rare };
	bool small = size < 2048;
	enum shape shape;
	size_t body;

	for (int i = 0; i < 4; i++)
		pick(&w, 2);
	shape = size > 16384 ? ATTACHMENT : small && !rare ? PLAIN : shape_of(&w);
	write_header(&w, shape, small);
	/* The header's size is not worth predicting: the body makes up, give or take a third. */
	body = size > 1200 ? size - 1000 : 400;
	if (size <= 16384)
		body = body * (67 + pick(&w, 67)) / 100;
	if (shape <= BASE64)
		write_text_part(&w, "plain", shape, body);
	else
		write_multipart(&w, shape, body);
}

void
message_write_crlf(struct buf *out, unsigned number, size_t size)
{
	struct buf text;

	buf_init(&text, 0);
	message_write(&text, number, size, false);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n')
			buf_char(out, '\r');
		buf_char(out, text.at[i]);
	}
	buf_release(&text);
}
