/*
 * search_text - is this text in that message? (SEARCH, RFC 9051 6.4.4)
 *
 * A needle is search text made ready once for many messages. Matching is
 * substring matching of folded text (see fold.h): transfer encodings, charsets
 * and encoded words are decoded, header fields are unfolded. Bodies pass
 * through in pieces of some KiB, never decoded whole.
 *
 *	struct needle *n = needle_new(&task, utf8);
 *	for each message {
 *		if (search_message(n, &scratch, bytes, SEARCH_IN_BODY)) ...
 *		arena_reset(&scratch);
 *	}
 *
 * A needle is read-only once made: threads may share it. The empty needle is in
 * every text.
 */
#ifndef MAIL_SEARCH_TEXT_H
#define MAIL_SEARCH_TEXT_H

#include "base/arena.h"
#include "base/status.h"

struct needle;

/* Lives in the arena. `utf8` need not be valid UTF-8: malformed pieces match nothing sensible. */
struct needle *needle_new(struct arena *a, struct span utf8);

/* Plain UTF-8 text. */
bool needle_in_text(const struct needle *n, struct span utf8);

/* One field's value as it stands in a header: folded, with encoded words. */
bool needle_in_field(const struct needle *n, struct span value);

/* HEADER, FROM, SUBJECT ...: some field called `name` holds the needle. An empty needle asks whether it exists. */
bool search_header(const struct needle *n, struct span header, struct span name);

enum search_where {
	SEARCH_IN_BODY,		/* BODY: text parts, and messages inside with their headers  */
	SEARCH_IN_TEXT		/* TEXT: the header and everything that BODY looks at        */
};

/* `scratch` takes the structure while it is needed; the caller resets it when it likes. */
bool search_message(const struct needle *n, struct arena *scratch, struct span message,
    enum search_where where);

#endif
