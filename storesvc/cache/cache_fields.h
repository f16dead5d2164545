/*
 * cache_fields - which header fields the cache keeps
 *
 * Most of a header is trace and signature that no client asks for. Kept are
 * the fields clients do ask for and all others that are short; of the rest the
 * name is kept, so that the cache knows what it does not know:
 *
 *	if (cache_fields_tell(record, names, count))
 *		header_select(record->fields, names, count, ...);
 *	else
 *		... read the header from the file ...
 *
 * Fields stay as on disk, folded, in their order, so selecting from them gives
 * the same bytes as selecting from the header.
 */
#ifndef CACHE_CACHE_FIELDS_H
#define CACHE_CACHE_FIELDS_H

#include "base/arena.h"

struct cache_record;

struct cache_fields {
	struct span kept;
	struct span omitted;	/* names, each followed by LF, every name once at least */
	bool partial;		/* too many names to list */
};

/* Both spans live in the arena. */
void cache_fields_choose(struct arena *a, struct span header, struct cache_fields *out);

/* Does the record hold every field of the message that has one of these names? */
bool cache_fields_tell(const struct cache_record *record, const struct span *names, size_t count);

#endif
