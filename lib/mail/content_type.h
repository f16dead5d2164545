/*
 * content_type - values with parameters: Content-Type and Content-Disposition
 *
 * The parameters are kept as they stand: RFC 2231 pieces ("filename*0*") are
 * kept apart and encoded, because BODYSTRUCTURE shows them so and clients
 * join them. Quotes, escapes and comments are resolved. Nothing is malformed:
 * what cannot be a parameter is skipped.
 */
#ifndef MAIL_CONTENT_TYPE_H
#define MAIL_CONTENT_TYPE_H

#include "base/arena.h"

struct mime_param {
	struct span name, value;
	struct mime_param *next;
};

struct content_type {
	struct span type, subtype;	/* as written; both empty when absent or hopeless */
	struct mime_param *params;	/* at most `max_params`, in order                 */
};

/* Results are views of `value`, or live in the arena. */
struct content_type content_type_parse(struct arena *a, struct span value, size_t max_params);

/* "attachment; filename=x": the word goes to `type`, `subtype` stays empty. */
struct content_type content_disposition_parse(struct arena *a, struct span value, size_t max_params);

/* The value of the first parameter called `name`, without case; at == NULL: none. */
struct span mime_param_find(const struct mime_param *params, struct span name);

/* The same, for our own use: joined and decoded if it comes in the pieces of RFC 2231. */
struct span mime_param_value(struct arena *a, const struct mime_param *params, struct span name);

#endif
