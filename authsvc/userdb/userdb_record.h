/*
 * userdb_record - the fields of an account as userdb writes them
 *
 *	uid=1000|gid=1000|home=/home/alice|imappw=$6$...|quota
 *
 * A field without "=" is there and empty. When a name occurs twice the first
 * one counts, as it does for Courier.
 */
#ifndef AUTHSVC_USERDB_USERDB_RECORD_H
#define AUTHSVC_USERDB_USERDB_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

struct userdb_field {
	struct span text;	/* the whole field, "uid=1000"     */
	struct span name;	/* "uid"                           */
	struct span value;	/* "1000"; at == NULL: no "=" came */
};

/* Cut the first field off *rest: false when there is none left. */
bool userdb_record_next(struct span *rest, struct userdb_field *out);

/* False when the field is not there. *out is a view into `record`. */
bool userdb_record_get(struct span record, const char *name, struct span *out);

/* `record` with one field changed, added at the end, or (value NULL) removed. In the arena. */
struct span userdb_record_set(struct arena *a, struct span record, struct span name,
    const struct span *value);

/* Fields that hold passwords live in the shadow file: "imappw=", but not "home=/x/pw=". */
bool userdb_field_is_secret(const struct userdb_field *f);

/* What may stand in a source line without changing its meaning. */
bool userdb_name_valid(struct span name);
bool userdb_field_name_valid(struct span name);
bool userdb_value_valid(struct span value);

#endif
