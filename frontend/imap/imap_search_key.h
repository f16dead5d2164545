/*
 * imap_search_key - the two halves of search-key, for each other
 *
 * imap_search_word.c knows the keys that begin with a word, imap_parse_search.c
 * sets, lists and the program around them. Words take keys as arguments, so each needs the other.
 */
#ifndef IMAP_SEARCH_KEY_H
#define IMAP_SEARCH_KEY_H

#include "frontend/imap/imap_parse_search.h"

struct search_state {
	struct imap_search *out;
	struct span charset;
	unsigned depth, keys;
};

#define KIND(name) POSTHOUSE__SEARCH_KEY__KIND__##name

/* search-key: any of them. */
enum parse rule_search_key(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey **out);
/* A search-key that begins with a word. */
enum parse rule_search_word(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey **out);
/* A set that becomes `key`'s UIDs later. */
enum parse rule_search_set(struct imap_parser *p, struct search_state *s, bool by_uid,
    Posthouse__SearchKey *key);

Posthouse__SearchKey *search_key_new(struct arena *a, Posthouse__SearchKey__Kind kind);
/* One with children, which are copied. */
Posthouse__SearchKey *search_key_above(struct arena *a, Posthouse__SearchKey__Kind kind,
    Posthouse__SearchKey **children, size_t count);

#endif
