/*
 * imap_parse_fetch - what a FETCH asks for (fetch-att, RFC 9051 section 9)
 *
 * The result is what storesvc understands: each item carries the label to
 * print, so RFC822.HEADER is BODY.PEEK[HEADER] under another name. Macros are
 * taken apart; what is asked for twice is kept once.
 */
#ifndef IMAP_PARSE_FETCH_H
#define IMAP_PARSE_FETCH_H

#include "frontend/imap/imap_parse.h"
#include "proto/store.pb-c.h"

struct imap_fetch_items {
	Posthouse__FetchItem **items;
	size_t count;
};

/* "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")" */
enum parse rule_fetch_atts(struct imap_parser *p, struct imap_fetch_items *out);

bool imap_fetch_has(const struct imap_fetch_items *items, Posthouse__FetchItem__Kind kind);
/* Adds an item of that kind unless it is there. */
void imap_fetch_add(struct arena *a, struct imap_fetch_items *items, Posthouse__FetchItem__Kind kind);

#endif
