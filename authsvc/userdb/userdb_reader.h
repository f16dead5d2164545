/*
 * userdb_reader - the newest accounts, whatever happens to the files
 *
 * Each look-up asks the file system (one stat) whether makeuserdb has been at work and
 * reads the new pair then. While the files are missing, half written or of two
 * generations, the last good pair goes on answering. Thread-safe.
 */
#ifndef AUTHSVC_USERDB_USERDB_READER_H
#define AUTHSVC_USERDB_USERDB_READER_H

#include "base/arena.h"
#include "base/status.h"

struct userdb_reader;

/* `source`: the path the compiled files are named after. Nothing is read yet. */
struct userdb_reader *userdb_reader_new(const char *source);
void userdb_reader_free(struct userdb_reader **r);

/*
 * NOT_FOUND: there is no such account; UNAVAILABLE: there never was a pair that could be read. The spans
 * live in the arena; *secret is empty (at NULL) for an account without passwords.
 */
MUST_USE struct status userdb_reader_find(struct userdb_reader *r, struct arena *a, struct span name,
    struct span *shown, struct span *secret);

/* Each account, as they stand when this is called; `each` returns false to end it. UNAVAILABLE as above. */
MUST_USE struct status userdb_reader_each(struct userdb_reader *r,
    bool (*each)(void *arg, struct span name, struct span shown), void *arg);

/* Is there anything to look up in? */
bool userdb_reader_ready(struct userdb_reader *r);
/* enum auth_offers: what some account can prove itself by; 0 when there are none. */
unsigned userdb_reader_offers(struct userdb_reader *r);

#endif
