/*
 * imap_parse_search - the search program (RFC 9051 section 9, RFC 4731, RFC 7162)
 *
 * The result is the tree that storesvc evaluates, except for sets of messages:
 * what their numbers mean depends on the session's view, so each is listed
 * beside the tree with the node whose `uids` it will become. Text is UTF-8
 * already, whatever CHARSET said.
 */
#ifndef IMAP_PARSE_SEARCH_H
#define IMAP_PARSE_SEARCH_H

#include "frontend/imap/imap_parse.h"
#include "proto/store.pb-c.h"

enum imap_search_return {
	SEARCH_RETURN_MIN = 1,
	SEARCH_RETURN_MAX = 2,
	SEARCH_RETURN_ALL = 4,
	SEARCH_RETURN_COUNT = 8
};

struct imap_search_set {
	Posthouse__SearchKey *key;
	struct span set;
	bool by_uid;
	struct imap_search_set *next;
};

struct imap_search {
	Posthouse__SearchKey *key;
	struct imap_search_set *sets;
	bool extended;			/* RETURN was given: answer with ESEARCH */
	unsigned want;			/* enum imap_search_return               */
	bool modseq;			/* a MODSEQ key: the answer has MODSEQ   */
	bool unknown_charset;		/* BADCHARSET; the key is not there      */
};

/* Everything after "SEARCH" and its space: [RETURN (...) SP] [CHARSET astring SP] search-key *(SP search-key) */
enum parse rule_search_program(struct imap_parser *p, struct imap_search *out);

#endif
