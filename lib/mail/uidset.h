/*
 * uidset - message numbers as a run-length list
 *
 * Runs are ascending, never touch and never overlap, so equal sets have equal
 * runs. A folder of 100,000 consecutive UIDs is one run of eight bytes. The
 * same type is a storesvc mailbox's list of UIDs, a session's view of it (where
 * the position of a UID is its sequence number), and any set in a command.
 *
 *	struct uidset s;
 *	uidset_init(&s);
 *	uidset_add(&s, 1, 100);
 *	uidset_remove(&s, 7, 7);
 *	uidset_position(&s, 8);		-> 7, the sequence number of UID 8
 */
#ifndef MAIL_UIDSET_H
#define MAIL_UIDSET_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct uidrun {
	uint32_t first, last;
};

struct uidset {
	struct uidrun *runs;
	size_t count, room;
	uint64_t size;		/* how many numbers in all */
	/* Sequence numbers before each run; built when asked for, NULL when stale. */
	uint32_t *before;
};

void uidset_init(struct uidset *s);
void uidset_release(struct uidset *s);
void uidset_clear(struct uidset *s);
void uidset_copy(struct uidset *to, const struct uidset *from);

/* Add or remove first..last, both included; first <= last, first > 0. Amortised O(1) at the end. */
void uidset_add(struct uidset *s, uint32_t first, uint32_t last);
void uidset_remove(struct uidset *s, uint32_t first, uint32_t last);
void uidset_add_all(struct uidset *s, const struct uidset *other);
void uidset_remove_all(struct uidset *s, const struct uidset *other);

/* to = a and b (what both hold); `to` is none of them. */
void uidset_intersect(struct uidset *to, const struct uidset *a, const struct uidset *b);

bool uidset_has(const struct uidset *s, uint32_t uid);
bool uidset_eq(const struct uidset *a, const struct uidset *b);
/* Largest member, 0 when empty. */
uint32_t uidset_max(const struct uidset *s);

/* 1-based position of `uid`, 0 when it is not in the set. O(log runs). */
uint32_t uidset_position(struct uidset *s, uint32_t uid);
/* The member at a 1-based position, 0 when position is 0 or past the end. */
uint32_t uidset_at(struct uidset *s, uint32_t position);
/* How many members are <= uid. */
uint32_t uidset_rank(struct uidset *s, uint32_t uid);

/* "1:3,5,9:12"; nothing for an empty set. */
void uidset_print(const struct uidset *s, struct buf *out);
/*
 * sequence-set of RFC 9051 section 9 with "*" standing for `star` (0 is not
 * allowed when "*" is used). At most `max_runs` elements. False: malformed.
 */
__attribute__((warn_unused_result)) bool uidset_parse(struct uidset *s, struct span text, uint32_t star, size_t max_runs);

#endif
