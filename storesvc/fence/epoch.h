/*
 * epoch - whose turn it is to own a tree, in posthouse-store.epoch
 *
 * One line, replaced as a whole (docs/formats/store.md):
 *
 *	NUMBER held|left INSTANCE BOOT HOST
 *
 * The number goes up by one with each owner. "left" says that the owner went by itself and has
 * nothing under way any more. The instance is random: who reads another one than its own has been replaced.
 */
#ifndef FENCE_EPOCH_H
#define FENCE_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

#define EPOCH_FILE "posthouse-store.epoch"
#define EPOCH_TEXT_MAX 256

struct epoch {
	uint64_t number;
	bool left;
	char instance[17], boot[40], host[80];
};

/* The first of a tree, or the one after `before`, held by this process. */
struct epoch epoch_next(const struct epoch *before);

void epoch_print(const struct epoch *e, char text[EPOCH_TEXT_MAX]);
/* False when it is not what epoch_print makes. */
MUST_USE bool epoch_parse(struct span text, struct epoch *out);

/* NOT_FOUND: nobody has owned the tree yet. CORRUPT: the file says something else. */
MUST_USE struct status epoch_read(int root, struct epoch *out);
MUST_USE struct status epoch_write(int root, const struct epoch *e);

#endif
