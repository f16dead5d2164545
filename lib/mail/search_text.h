/*
 * search_text - is this text in that message? (SEARCH, RFC 9051 6.4.4)
 *
 * Transfer encodings, charsets and encoded words are decoded, header fields are
 * unfolded. Bodies pass through in pieces of some KiB, never decoded whole.
 *
 *	struct needle *n = needle_new(&task, utf8);
 *	for each message {
 *		if (search_message(n, &scratch, bytes, SEARCH_IN_BODY)) ...
 *		arena_reset(&scratch);
 *	}
 */
#ifndef MAIL_SEARCH_TEXT_H
#define MAIL_SEARCH_TEXT_H

#include "base/arena.h"
#include "mail/needle.h"

/* HEADER, FROM, SUBJECT ...: some field called `name` holds the needle. An empty needle asks whether it exists. */
bool search_header(const struct needle *n, struct span header, struct span name);

enum search_where {
	SEARCH_IN_BODY,		/* BODY: text parts, and messages inside with their headers */
	SEARCH_IN_TEXT		/* TEXT: all that, the header, and headers of parts         */
};

/* `scratch` takes the structure while it is needed; the caller resets it when it likes. */
bool search_message(const struct needle *n, struct arena *scratch, struct span message,
    enum search_where where);

#endif
