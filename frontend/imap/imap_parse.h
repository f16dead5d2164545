/*
 * imap_parse - the grammar that IMAP commands share (RFC 3501 and 9051, section 9)
 *
 * The input is one command as the client sent it: its lines and, where they
 * stood, its literals with their "{n}" announcements, up to and with the last
 * line's end. A rule is a function: it looks at the bytes from the cursor on
 * and returns
 *
 *	PARSE_OK	its value is in *out and the cursor stands behind it
 *	PARSE_MORE	the input ends before this can be decided
 *	PARSE_BAD	this is not it; parser->error says what was expected
 *
 * Only OK moves the cursor. Values are spans of the input where that is
 * possible, else in the arena; both live as long as the task. A rule that is
 * made of others runs them with TRY, which returns what is not OK.
 *
 *	static enum parse
 *	login_rule(struct imap_parser *p, struct login *out)
 *	{
 *		TRY(rule_space(p));
 *		TRY(rule_astring(p, &out->user));
 *		TRY(rule_space(p));
 *		TRY(rule_astring(p, &out->password));
 *		return rule_end(p);
 *	}
 *
 * A whole command ends with a line end, so for it MORE means a literal cut short.
 */
#ifndef IMAP_PARSE_H
#define IMAP_PARSE_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

enum parse { PARSE_OK, PARSE_MORE, PARSE_BAD };

enum {
	IMAP_MAX_TAG = 64,		/* bytes                                    */
	IMAP_MAX_ITEMS = 4096,		/* members of any one list                  */
	IMAP_MAX_DEPTH = 64,		/* parentheses within parentheses           */
	IMAP_MAX_SEARCH_KEYS = 8192	/* keys of one search program               */
};

struct imap_parser {
	struct arena *arena;
	struct span in;			/* all of the command                       */
	size_t at;			/* the cursor                               */
	bool eight_bit;			/* strings may hold bytes above 0x7f, quoted or not */
	const char *error;		/* why the last rule was BAD                */
};

#define TRY(rule)                                                                                  \
	do {                                                                                       \
		enum parse try_result = (rule);                                                    \
		if (try_result != PARSE_OK)                                                        \
			return try_result;                                                         \
	} while (0)

struct imap_strings {
	struct span *items;
	size_t count;
};

void imap_parser_init(struct imap_parser *p, struct arena *arena, struct span in);

/* BAD with a reason; for rules outside of this file too. */
enum parse rule_bad(struct imap_parser *p, const char *expected);

/* What a composed rule ends with: puts the cursor back to `start` unless OK. */
enum parse rule_settle(struct imap_parser *p, size_t start, enum parse result);

/* The byte under the cursor. MORE at the end of input. */
enum parse rule_peek(struct imap_parser *p, char *out);
/* Is `c` the next byte? */
bool rule_next_is(const struct imap_parser *p, char c);

/* Exactly this byte. */
enum parse rule_char(struct imap_parser *p, char c);
/*
 * Spaces. The grammar wants exactly one in each place; clients send more, and some behind the last argument
 * or within parentheses. No argument begins with a space, so any number of them reads the same.
 */
/* SP, one or more; BAD when no argument follows. */
enum parse rule_space(struct imap_parser *p);
/* *SP: also none. */
enum parse rule_blanks(struct imap_parser *p);
/* [SP argument]: with *out true the cursor stands on the argument. */
enum parse rule_another(struct imap_parser *p, bool *out);
/* *SP and CRLF, or LF alone: where a command ends. */
enum parse rule_end(struct imap_parser *p);
/* CRLF, or LF alone, at once: where a literal's announcement ends. */
enum parse rule_line_end(struct imap_parser *p);

enum parse rule_tag(struct imap_parser *p, struct span *out);
enum parse rule_atom(struct imap_parser *p, struct span *out);
/* One of the grammar's own words: letters, digits, ".", "-" and "_". */
enum parse rule_keyword(struct imap_parser *p, struct span *out);
/* The keyword under the cursor has to be `word`, whatever its case. */
enum parse rule_word(struct imap_parser *p, const char *word);
/* Like rule_word, but no match is no failure: *out says whether it was there. */
enum parse rule_maybe_word(struct imap_parser *p, const char *word, bool *out);

enum parse rule_quoted(struct imap_parser *p, struct span *out);
enum parse rule_literal(struct imap_parser *p, struct span *out);
enum parse rule_string(struct imap_parser *p, struct span *out);
enum parse rule_astring(struct imap_parser *p, struct span *out);
/* NIL gives a span whose `at` is NULL. */
enum parse rule_nstring(struct imap_parser *p, struct span *out);
enum parse rule_list_mailbox(struct imap_parser *p, struct span *out);

/* number, nz-number: 32 bits; mod-sequence-valzer: 63 bits. */
enum parse rule_number(struct imap_parser *p, uint32_t *out);
enum parse rule_nz_number(struct imap_parser *p, uint32_t *out);
enum parse rule_number64(struct imap_parser *p, uint64_t *out);

/* Checked, still text: what "*" is shows only when the command runs. See uidset_parse. */
enum parse rule_sequence_set(struct imap_parser *p, struct span *out);

/* "\Seen", "$Forwarded". */
enum parse rule_flag(struct imap_parser *p, struct span *out);
/* "(" [flag *(SP flag)] ")" */
enum parse rule_flag_list(struct imap_parser *p, struct imap_strings *out);

/* Days since 1970-01-01. */
enum parse rule_date(struct imap_parser *p, int32_t *out);
/* Seconds since 1970-01-01 00:00 UTC. */
enum parse rule_date_time(struct imap_parser *p, int64_t *out);

/*
 * "(" item *(SP item) ")", or "()" where `may_be_empty`. `item` is called with
 * the cursor on each one.
 */
enum parse rule_parenthesised(struct imap_parser *p, bool may_be_empty,
    enum parse (*item)(struct imap_parser *p, void *arg), void *arg);

/* For lists made while parsing, which begin as { NULL, 0 }. BAD after IMAP_MAX_ITEMS. */
enum parse imap_strings_add(struct imap_parser *p, struct imap_strings *list, struct span item);

#endif
