/*
 * search_text.c - is this text in that message?
 *
 * Most mail is ASCII, or looks like it: for an ASCII needle such a part is
 * searched as it lies there. Everything else goes
 *
 *	transfer decoder -> charset -> fold -> compare
 *
 * in pieces that fit the processor's cache.
 */
#include "mail/search_text.h"

#include "mail/charset.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "mail/utf8.h"

#define PIECE 4096

bool
search_header(const struct needle *n, struct span header, struct span name)
{
	struct header_field f;

	while (header_next(&header, &f))
		if (span_eq_nocase(f.name, name) && needle_in_field(n, f.value))
			return true;
	return false;
}

/* Names and values of all fields. */
static bool
search_all_fields(const struct needle *n, struct span header)
{
	struct header_field f;
	bool plain = utf8_is_ascii(header) && (header.len < 2 || !memmem(header.at, header.len, "=?", 2));

	/* Without blanks in the needle, folding is no obstacle either. */
	if (plain && !needle_has_blanks(n))
		return needle_in_ascii(n, header);
	while (header_next(&header, &f))
		if (needle_in_field(n, f.whole))
			return true;
	return false;
}

static bool
search_decoded(const struct needle *n, const struct mime_part *part, struct span charset)
{
	char decoded[PIECE + 128];
	struct transfer_decoder transfer;
	struct charset_stream stream;
	struct needle_scan scan;
	struct buf utf8;

	transfer_init(&transfer, part->encoding);
	charset_open(&stream, charset);
	needle_scan_begin(&scan, n);
	buf_init(&utf8, 0);
	for (struct span rest = part->body; rest.len && !scan.found; rest = span_skip(rest, PIECE)) {
		struct span piece = span_head(rest, PIECE);
		size_t len = transfer_decode(&transfer, piece, decoded);
		if (piece.len == rest.len)
			len += transfer_finish(&transfer, decoded + len);
		buf_reset(&utf8);
		charset_feed(&stream, span_of(decoded, len), &utf8);
		needle_scan(&scan, buf_view(&utf8));
	}
	charset_close(&stream, NULL);
	needle_scan_end(&scan);
	buf_release(&utf8);
	return scan.found;
}

static bool
search_part(const struct needle *n, struct arena *scratch, const struct mime_part *part)
{
	struct span charset = mime_param_value(scratch, part->content.params, SPAN_LIT("charset"));

	if (part->encoding == TRANSFER_PLAIN && charset_family(charset) != CHARSET_OTHER) {
		if (needle_in_ascii(n, part->body))
			return true;
		if (utf8_is_ascii(part->body))
			return false;
	}
	return search_decoded(n, part, charset);
}

/* In BODY only headers that a reader sees as text: "base64" is in every part's. */
static bool
looks_at_header(const struct mime_part *part, enum search_where where)
{
	return where == SEARCH_IN_TEXT || (part->parent && part->parent->kind == MIME_MESSAGE);
}

bool
search_message(const struct needle *n, struct arena *scratch, struct span message,
    enum search_where where)
{
	if (needle_is_empty(n))
		return true;
	/* Sizes as served are of no interest here, so the cheaper way to count will do. */
	const struct mime_part *root = mime_parse(scratch, message, MIME_RAW, MIME_USUAL_LIMITS);
	for (const struct mime_part *part = root; part; part = mime_after(part)) {
		if (looks_at_header(part, where) && search_all_fields(n, part->header))
			return true;
		if (mime_is_text(part) && search_part(n, scratch, part))
			return true;
	}
	return false;
}
