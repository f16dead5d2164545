/*
 * imap_search_word.c - search keys that begin with a word
 *
 * All but NEW are rows of one table: what the key becomes and what argument follows.
 */
#include "frontend/imap/imap_search_key.h"

#include "mail/charset.h"

enum argument {
	NOTHING,		/* FLAG's text is in the table                 */
	KEYWORD,		/* flag-keyword                                */
	FIELD,			/* astring looked for in the table's field     */
	FIELD_AND_TEXT,		/* HEADER: astring SP astring                  */
	TEXT,			/* astring                                     */
	DATE, NUMBER, INTERVAL, MODSEQ, UID_SET,
	ONE_KEY, TWO_KEYS
};

static const struct search_word {
	const char *word;
	Posthouse__SearchKey__Kind kind;
	enum argument argument;
	const char *text;
	bool negated;
} search_words[] = {
	{ "ALL",        KIND(ALL),        NOTHING,        NULL,          false },
	{ "ANSWERED",   KIND(FLAG),       NOTHING,        "\\Answered",  false },
	{ "BCC",        KIND(ADDRESS),    FIELD,          "Bcc",         false },
	{ "BEFORE",     KIND(BEFORE),     DATE,           NULL,          false },
	{ "BODY",       KIND(BODY),       TEXT,           NULL,          false },
	{ "CC",         KIND(ADDRESS),    FIELD,          "Cc",          false },
	{ "DELETED",    KIND(FLAG),       NOTHING,        "\\Deleted",   false },
	{ "DRAFT",      KIND(FLAG),       NOTHING,        "\\Draft",     false },
	{ "FLAGGED",    KIND(FLAG),       NOTHING,        "\\Flagged",   false },
	{ "FROM",       KIND(ADDRESS),    FIELD,          "From",        false },
	{ "HEADER",     KIND(HEADER),     FIELD_AND_TEXT, NULL,          false },
	{ "KEYWORD",    KIND(FLAG),       KEYWORD,        NULL,          false },
	{ "LARGER",     KIND(LARGER),     NUMBER,         NULL,          false },
	{ "MODSEQ",     KIND(MODSEQ),     MODSEQ,         NULL,          false },
	{ "NOT",        KIND(NOT),        ONE_KEY,        NULL,          false },
	{ "OLD",        KIND(RECENT),     NOTHING,        NULL,          true },
	{ "OLDER",      KIND(OLDER),      INTERVAL,       NULL,          false },
	{ "ON",         KIND(ON),         DATE,           NULL,          false },
	{ "OR",         KIND(OR),         TWO_KEYS,       NULL,          false },
	{ "RECENT",     KIND(RECENT),     NOTHING,        NULL,          false },
	{ "SEEN",       KIND(FLAG),       NOTHING,        "\\Seen",      false },
	{ "SENTBEFORE", KIND(SENTBEFORE), DATE,           NULL,          false },
	{ "SENTON",     KIND(SENTON),     DATE,           NULL,          false },
	{ "SENTSINCE",  KIND(SENTSINCE),  DATE,           NULL,          false },
	{ "SINCE",      KIND(SINCE),      DATE,           NULL,          false },
	{ "SMALLER",    KIND(SMALLER),    NUMBER,         NULL,          false },
	{ "SUBJECT",    KIND(HEADER),     FIELD,          "Subject",     false },
	{ "TEXT",       KIND(TEXT),       TEXT,           NULL,          false },
	{ "TO",         KIND(ADDRESS),    FIELD,          "To",          false },
	{ "UID",        KIND(UIDS),       UID_SET,        NULL,          false },
	{ "UNANSWERED", KIND(FLAG),       NOTHING,        "\\Answered",  true },
	{ "UNDELETED",  KIND(FLAG),       NOTHING,        "\\Deleted",   true },
	{ "UNDRAFT",    KIND(FLAG),       NOTHING,        "\\Draft",     true },
	{ "UNFLAGGED",  KIND(FLAG),       NOTHING,        "\\Flagged",   true },
	{ "UNKEYWORD",  KIND(FLAG),       KEYWORD,        NULL,          true },
	{ "UNSEEN",     KIND(FLAG),       NOTHING,        "\\Seen",      true },
	{ "YOUNGER",    KIND(YOUNGER),    INTERVAL,       NULL,          false },
};

static char *
to_utf8(struct arena *a, struct span charset, struct span text)
{
	struct buf b;

	buf_init(&b, 0);
	charset_to_utf8(charset, text, &b);
	char *utf8 = arena_strndup(a, b.at ? b.at : "", b.len);
	buf_release(&b);
	return utf8;
}

static enum parse
text_argument(struct imap_parser *p, struct search_state *s, char **out)
{
	struct span text;

	TRY(rule_space(p));
	TRY(rule_astring(p, &text));
	*out = to_utf8(p->arena, s->charset, text);
	return PARSE_OK;
}

static enum parse
keyword_argument(struct imap_parser *p, Posthouse__SearchKey *key)
{
	struct span flag;

	TRY(rule_space(p));
	TRY(rule_atom(p, &flag));
	key->text = arena_strndup(p->arena, flag.at, flag.len);
	return PARSE_OK;
}

static enum parse
date_argument(struct imap_parser *p, Posthouse__SearchKey *key)
{
	int32_t day;

	TRY(rule_space(p));
	TRY(rule_date(p, &day));
	key->number = day < 0 ? 0 : (uint64_t)day;
	return PARSE_OK;
}

static enum parse
number_argument(struct imap_parser *p, Posthouse__SearchKey *key)
{
	TRY(rule_space(p));
	return rule_number64(p, &key->number);
}

/* nz-number, RFC 5032 section 4 */
static enum parse
interval_argument(struct imap_parser *p, Posthouse__SearchKey *key)
{
	uint32_t seconds;

	TRY(rule_space(p));
	TRY(rule_nz_number(p, &seconds));
	key->number = seconds;
	return PARSE_OK;
}

/*
 * [SP entry-name SP entry-type-req] SP mod-sequence-valzer, RFC 7162 section 7.
 * A message has one MODSEQ for all its flags, so the entry changes nothing.
 */
static enum parse
modseq_argument(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey *key)
{
	struct span entry, type;
	char next;

	TRY(rule_space(p));
	TRY(rule_peek(p, &next));
	if (next == '"') {
		TRY(rule_quoted(p, &entry));
		TRY(rule_space(p));
		TRY(rule_keyword(p, &type));
		TRY(rule_space(p));
		if (!span_starts_nocase(entry, SPAN_LIT("/flags/")))
			return rule_bad(p, "Unknown entry of MODSEQ");
		if (!span_eq_nocase(type, SPAN_LIT("all")) && !span_eq_nocase(type, SPAN_LIT("priv")) &&
		    !span_eq_nocase(type, SPAN_LIT("shared")))
			return rule_bad(p, "Unknown type of MODSEQ entry");
	}
	s->out->modseq = true;
	return rule_number64(p, &key->number);
}

static enum parse
child_keys(struct imap_parser *p, struct search_state *s, size_t count, Posthouse__SearchKey *key)
{
	key->children = ARENA_ARRAY(p->arena, count, Posthouse__SearchKey *);
	for (size_t i = 0; i < count; i++) {
		TRY(rule_space(p));
		TRY(rule_search_key(p, s, &key->children[i]));
	}
	key->n_children = count;
	return PARSE_OK;
}

static enum parse
word_argument(struct imap_parser *p, struct search_state *s, const struct search_word *w,
    Posthouse__SearchKey *key)
{
	switch (w->argument) {
	case NOTHING:
		key->text = w->text ? arena_strdup(p->arena, w->text) : key->text;
		return PARSE_OK;
	case KEYWORD:
		return keyword_argument(p, key);
	case FIELD:
		key->field = arena_strdup(p->arena, w->text);
		return text_argument(p, s, &key->text);
	case FIELD_AND_TEXT:
		TRY(text_argument(p, s, &key->field));
		return text_argument(p, s, &key->text);
	case TEXT:
		return text_argument(p, s, &key->text);
	case DATE:
		return date_argument(p, key);
	case NUMBER:
		return number_argument(p, key);
	case INTERVAL:
		return interval_argument(p, key);
	case MODSEQ:
		return modseq_argument(p, s, key);
	case UID_SET:
		TRY(rule_space(p));
		return rule_search_set(p, s, true, key);
	case ONE_KEY:
		return child_keys(p, s, 1, key);
	case TWO_KEYS:
		return child_keys(p, s, 2, key);
	}
	return rule_bad(p, "Unknown search key");
}

/* NEW is short for (RECENT UNSEEN), the only word that means two keys. */
static Posthouse__SearchKey *
new_messages(struct arena *a)
{
	Posthouse__SearchKey *seen = search_key_new(a, KIND(FLAG));

	seen->text = arena_strdup(a, "\\Seen");
	Posthouse__SearchKey *both[] = { search_key_new(a, KIND(RECENT)), search_key_above(a, KIND(NOT), &seen, 1) };
	return search_key_above(a, KIND(AND), both, 2);
}

enum parse
rule_search_word(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey **out)
{
	struct span word;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("NEW"))) {
		*out = new_messages(p->arena);
		return PARSE_OK;
	}
	for (size_t i = 0; i < sizeof(search_words) / sizeof(search_words[0]); i++) {
		const struct search_word *w = &search_words[i];
		if (!span_eq_nocase(word, span_str(w->word)))
			continue;
		Posthouse__SearchKey *key = search_key_new(p->arena, w->kind);
		TRY(word_argument(p, s, w, key));
		*out = w->negated ? search_key_above(p->arena, KIND(NOT), &key, 1) : key;
		return PARSE_OK;
	}
	return rule_bad(p, "Unknown search key");
}
