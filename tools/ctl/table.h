/*
 * table - JSON for people: an array of objects as lines in columns
 *
 *	static const struct column columns[] = {
 *		{ "ACCOUNT", "account", COLUMN_TEXT },
 *		{ "IDLE", "idle_s", COLUMN_AGE },
 *	};
 *	table_print(stdout, sessions, columns, 2);
 *
 * Columns are as wide as what is in them. Control characters, which a name from outside may
 * hold, are shown as "?".
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "base/buf.h"

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,		/* to the right                    */
	COLUMN_SIZE,		/* bytes: "1.5M"                   */
	COLUMN_AGE,		/* seconds: "3h12m"                */
	COLUMN_WORDS,		/* an array of strings, as "a, b"  */
};

struct column {
	const char *title, *key;
	enum column_kind kind;
};

void table_print(FILE *to, const json_t *rows, const struct column *columns, size_t count);

/* One value as it stands in a table. */
void table_value(struct buf *out, const json_t *value, enum column_kind kind);
void table_size(struct buf *out, double bytes);
void table_age(struct buf *out, int64_t seconds);
/* How many columns of a terminal the text takes. */
size_t table_width(struct span text);
/* How many bytes of it fit into so many. */
size_t table_fit(struct span text, size_t width);

#endif
