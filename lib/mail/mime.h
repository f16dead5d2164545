/*
 * mime - the structure of a message (RFC 2045, RFC 2046)
 *
 * mime_parse makes a tree of parts out of any bytes; it cannot fail. Spans are
 * views of the message, or live in the arena. What is always true:
 *
 * - a part is its header, then its body; they touch, and lie within the body
 *   of the part's parent;
 * - MIME_MULTIPART has at least one child (a multipart without any boundary
 *   gets one text/plain child that is all of its body);
 * - MIME_MESSAGE (message/rfc822) has exactly one child: the message inside;
 * - beyond a limit a part is `opaque`: a leaf whatever its type says.
 *
 * Sizes come twice: spans are bytes on disk, `..._size` are bytes as served. A
 * message stored with LF line ends is served with CRLF, so a lone LF counts two;
 * a message parsed with MIME_RAW is served as it is.
 *
 * The time is linear in the message, times the number of multiparts open at
 * once for lines that begin with "--".
 */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "mail/content_type.h"
#include "mail/transfer.h"

enum mime_flags {
	MIME_RAW = 1		/* served exactly as stored */
};

struct mime_limits {
	unsigned depth;		/* parts within parts               */
	unsigned parts;		/* in the whole message             */
	unsigned params;	/* of one Content-Type              */
};
#define MIME_USUAL_LIMITS ((struct mime_limits){ .depth = 100, .parts = 10000, .params = 1000 })

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART,
	MIME_MESSAGE
};

struct mime_part {
	struct mime_part *parent, *next, *children, *last_child;
	enum mime_kind kind;
	bool opaque;		/* a limit was reached: shown as application/octet-stream */

	struct span header;	/* with its empty line                      */
	struct span body;
	uint64_t header_size, body_size;	/* as served                */
	uint32_t header_lines, body_lines;	/* line ends in them        */

	/* Content-Type; type and subtype are what holds when it is absent. */
	struct content_type content;
	enum transfer_encoding encoding;

	/* The values of the Content- fields, folded; at == NULL when absent. */
	struct {
		struct span type, encoding, id, description, disposition, md5, language, location;
	} fields;
};

/* Never NULL. */
struct mime_part *mime_parse(struct arena *a, struct span message, enum mime_flags flags,
    struct mime_limits limits);

/* text/..., message/... that is a leaf: what SEARCH looks into. */
bool mime_is_text(const struct mime_part *part);

/* The part after `part` in order of their headers (first its children); NULL after the last. */
struct mime_part *mime_after(const struct mime_part *part);

#endif
