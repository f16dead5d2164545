/*
 * encoded_word.c - "=?utf-8?Q?caf=C3=A9?=" in headers
 *
 *	encoded-word = "=?" charset ["*" language] "?" encoding "?" text "?="
 *
 * The decoded bytes of adjacent words in one charset are gathered and converted
 * together, because senders cut words in the middle of characters.
 */
#include "mail/encoded_word.h"

#include "mail/charset.h"
#include "mail/transfer.h"

struct word {
	struct span charset, text;
	bool base64;
	size_t len;		/* of the whole word */
};

/* Bytes up to the next "?", without blanks unless `blanks`. False when there is none. */
static bool
take_field(struct span *rest, bool blanks, struct span *out)
{
	size_t len = span_index(*rest, '?');

	if (len == rest->len)
		return false;
	*out = span_head(*rest, len);
	*rest = span_skip(*rest, len + 1);
	return blanks || (span_index(*out, ' ') == len && span_index(*out, '\t') == len);
}

/* The word that `s` begins with. Blanks in its text are wrong but common. */
static bool
take_word(struct span s, struct word *out)
{
	struct span rest = s, encoding;

	if (!span_starts(s, SPAN_LIT("=?")))
		return false;
	rest = span_skip(rest, 2);
	if (!take_field(&rest, false, &out->charset) || !take_field(&rest, false, &encoding) ||
	    !take_field(&rest, true, &out->text))
		return false;
	if (out->charset.len == 0 || encoding.len != 1 || rest.len == 0 || rest.at[0] != '=')
		return false;
	char letter = ascii_lower(encoding.at[0]);
	if (letter != 'b' && letter != 'q')
		return false;
	out->base64 = letter == 'b';
	out->charset = span_head(out->charset, span_index(out->charset, '*'));
	out->len = s.len - rest.len + 1;
	return true;
}

/* "Q": quoted-printable with "_" for a space (RFC 2047 section 4.2). */
static void
decode_text(const struct word *w, struct buf *out)
{
	struct transfer_decoder d;

	transfer_init(&d, w->base64 ? TRANSFER_BASE64 : TRANSFER_QUOTED_PRINTABLE);
	for (struct span rest = w->text; rest.at;) {
		struct span part = w->base64 ? rest : span_cut(&rest, '_');
		char *at = buf_reserve(out, transfer_room(part.len) + transfer_room(0) + 1);
		if (!at)
			return;
		size_t len = transfer_decode(&d, part, at);
		len += transfer_finish(&d, at + len);
		if (w->base64)
			rest = span_of(NULL, 0);
		else if (rest.at)
			at[len++] = ' ';
		buf_commit(out, len);
	}
}

/* Decoded bytes waiting for more of the same charset. */
struct pending {
	struct span charset;
	struct buf bytes;
};

static void
flush(struct pending *p, struct buf *out)
{
	if (p->bytes.len)
		charset_to_utf8(p->charset, buf_view(&p->bytes), out);
	buf_reset(&p->bytes);
}

static size_t
blanks(struct span s)
{
	size_t i = 0;

	while (i < s.len && (s.at[i] == ' ' || s.at[i] == '\t' || s.at[i] == '\r' || s.at[i] == '\n'))
		i++;
	return i;
}

/* Text up to the next "=?" that may begin a word; at least one byte. */
static struct span
plain_text(struct span s)
{
	const char *hit = s.len > 1 ? memmem(s.at + 1, s.len - 1, "=?", 2) : NULL;

	return hit ? span_head(s, (size_t)(hit - s.at)) : s;
}

void
encoded_word_decode(struct span value, struct buf *out)
{
	struct pending pending = { 0 };
	struct span rest = value;
	struct word w;

	if (value.len < 2 || !memmem(value.at, value.len, "=?", 2)) {
		charset_to_utf8(SPAN_LIT("us-ascii"), value, out);
		return;
	}
	buf_init(&pending.bytes, 0);
	while (rest.len) {
		/* Blanks between two words belong to neither. */
		size_t gap = pending.bytes.len ? blanks(rest) : 0;
		if (take_word(span_skip(rest, gap), &w)) {
			if (!span_eq_nocase(w.charset, pending.charset))
				flush(&pending, out);
			pending.charset = w.charset;
			decode_text(&w, &pending.bytes);
			rest = span_skip(rest, gap + w.len);
			continue;
		}
		flush(&pending, out);
		struct span text = plain_text(rest);
		charset_to_utf8(SPAN_LIT("us-ascii"), text, out);
		rest = span_skip(rest, text.len);
	}
	flush(&pending, out);
	buf_release(&pending.bytes);
}
