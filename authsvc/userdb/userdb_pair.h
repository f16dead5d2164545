/*
 * userdb_pair - both compiled files of one generation, in memory
 *
 * A private copy: whatever happens to the files afterwards, the pair answers as it
 * did. Everything was checked while it was read, so a file that is half
 * written, cut short or of another generation than its sister never becomes a pair.
 * Immutable: any number of threads may ask at once.
 */
#ifndef AUTHSVC_USERDB_USERDB_PAIR_H
#define AUTHSVC_USERDB_USERDB_PAIR_H

#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "base/status.h"

struct userdb_pair;

/*
 * NOT_FOUND: a file is missing; CORRUPT: not what the compiler wrote; CONFLICT: two
 * generations; UNAVAILABLE: other trouble. Logged by the caller, who knows if it matters.
 */
MUST_USE struct status userdb_pair_read(const char *dat, const char *shadow, struct userdb_pair **out);
void userdb_pair_free(struct userdb_pair **p);

/* False: no such account. *secret is empty (at NULL) for one without passwords. Borrowed from the pair. */
bool userdb_pair_find(const struct userdb_pair *p, struct span name, struct span *shown,
    struct span *secret);

/* Each account in turn: begin with *at zero; false at the end. Borrowed from the pair. */
bool userdb_pair_next(const struct userdb_pair *p, unsigned *at, struct span *name, struct span *shown);

/* enum auth_offers: what some account in it can prove itself by. */
unsigned userdb_pair_offers(const struct userdb_pair *p);

#endif
