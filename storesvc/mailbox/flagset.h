/*
 * flagset - a combination of flags, interned
 *
 * A folder has thousands of messages and a dozen combinations of flags, so each
 * combination exists once per mailbox, with the text IMAP shows for it, and a
 * message holds its index. Flag sets never change and live as long as the
 * mailbox; the index of "no flags" is 0.
 *
 * Every letter after ":2," in a file name has a bit, also those that mean nothing
 * to us, so that nothing is lost when a file is renamed: A-Z are bits 0-25,
 * a-z (keywords 0-25) are bits 26-51. Keywords from 26 on are in `high`.
 */
#ifndef MAILBOX_FLAGSET_H
#define MAILBOX_FLAGSET_H

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/span.h"

#define FLAG_LETTER(letter) ((uint64_t)1 << ((letter) - 'A'))
#define FLAG_DRAFT FLAG_LETTER('D')
#define FLAG_FLAGGED FLAG_LETTER('F')
#define FLAG_ANSWERED FLAG_LETTER('R')
#define FLAG_SEEN FLAG_LETTER('S')
#define FLAG_DELETED FLAG_LETTER('T')
#define FLAG_SYSTEM (FLAG_DRAFT | FLAG_FLAGGED | FLAG_ANSWERED | FLAG_SEEN | FLAG_DELETED)

#define KEYWORD_NUMBERS 100000			/* keywords of one mailbox are numbered below this */
#define KEYWORD_LETTERS 26			/* keywords with a letter in file names */
#define FLAG_KEYWORD(index) ((uint64_t)1 << (26 + (index)))	/* index < KEYWORD_LETTERS */

#define FLAGSET_SUFFIX_MAX 53

struct flagset {
	uint64_t letters;		/* bits, see above                           */
	const uint32_t *high;		/* keywords >= KEYWORD_LETTERS, ascending    */
	size_t high_count;
	const char *text;		/* "\\Seen $Label1", terminated              */
	size_t text_len;
	char suffix[FLAGSET_SUFFIX_MAX];	/* "FSa": what follows ":2,"         */
};

/* Keyword names in order of index; NULL where an index has no name. */
struct keywords {
	char **names;
	size_t count, room;
};

struct flagsets {
	struct flagset **sets;
	size_t count, room;
	struct map by_value;
};

void keywords_release(struct keywords *k);
/* The index of a name, compared without case; -1: none. */
int64_t keywords_find(const struct keywords *k, struct span name);
/* Give `index` a name; it has none yet. */
void keywords_set(struct keywords *k, uint32_t index, struct span name);
/* A flag-keyword as IMAP's grammar has it: an atom, not "\"... */
bool keyword_valid(struct span name);

void flagsets_init(struct flagsets *f);
void flagsets_release(struct flagsets *f);
/* The index of a combination, made when it is new. `high` is ascending, without doubles. */
uint32_t flagsets_intern(struct flagsets *f, const struct keywords *names, uint64_t letters,
    const uint32_t *high, size_t high_count);

bool flagset_has_keyword(const struct flagset *set, uint32_t index);

/* Letters of a file name's suffix as bits; anything that is no letter is left out. */
uint64_t flag_letters(struct span suffix);

#endif
