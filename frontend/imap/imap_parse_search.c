/*
 * imap_parse_search.c - search-program to a tree
 *
 * Only NOT, OR and lists in parentheses recurse; each level is counted.
 */
#include "frontend/imap/imap_search_key.h"

#include "mail/charset.h"

Posthouse__SearchKey *
search_key_new(struct arena *a, Posthouse__SearchKey__Kind kind)
{
	Posthouse__SearchKey *key = ARENA_NEW(a, Posthouse__SearchKey);

	posthouse__search_key__init(key);
	key->kind = kind;
	return key;
}

Posthouse__SearchKey *
search_key_above(struct arena *a, Posthouse__SearchKey__Kind kind, Posthouse__SearchKey **children, size_t count)
{
	Posthouse__SearchKey *key = search_key_new(a, kind);

	key->children = ARENA_ARRAY(a, count, Posthouse__SearchKey *);
	for (size_t i = 0; i < count; i++)
		key->children[key->n_children++] = children[i];
	return key;
}

enum parse
rule_search_set(struct imap_parser *p, struct search_state *s, bool by_uid, Posthouse__SearchKey *key)
{
	struct span set;

	TRY(rule_sequence_set(p, &set));

	struct imap_search_set *entry = ARENA_NEW(p->arena, struct imap_search_set);
	*entry = (struct imap_search_set){ .key = key, .set = set, .by_uid = by_uid, .next = s->out->sets };
	s->out->sets = entry;
	return PARSE_OK;
}

struct key_list {
	struct search_state *state;
	Posthouse__SearchKey **keys;
	size_t count, room;
};

static enum parse
listed_key(struct imap_parser *p, void *arg)
{
	struct key_list *list = arg;
	Posthouse__SearchKey *key = NULL;

	TRY(rule_search_key(p, list->state, &key));
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 4;
		Posthouse__SearchKey **larger = ARENA_ARRAY(p->arena, list->room, Posthouse__SearchKey *);
		for (size_t i = 0; i < list->count; i++)
			larger[i] = list->keys[i];
		list->keys = larger;
	}
	list->keys[list->count++] = key;
	return PARSE_OK;
}

static Posthouse__SearchKey *
all_of(struct arena *a, const struct key_list *list)
{
	return list->count == 1 ? list->keys[0] : search_key_above(a, KIND(AND), list->keys, list->count);
}

/* "(" search-key *(SP search-key) ")" */
static enum parse
nested_keys(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey **out)
{
	struct key_list list = { .state = s };

	TRY(rule_parenthesised(p, false, listed_key, &list));
	*out = all_of(p->arena, &list);
	return PARSE_OK;
}

static enum parse
any_key(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey **out)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next == '(')
		return nested_keys(p, s, out);
	if (!ascii_digit(next) && next != '*')
		return rule_search_word(p, s, out);

	Posthouse__SearchKey *key = search_key_new(p->arena, KIND(UIDS));
	TRY(rule_search_set(p, s, false, key));
	*out = key;
	return PARSE_OK;
}

/* search-key */
enum parse
rule_search_key(struct imap_parser *p, struct search_state *s, Posthouse__SearchKey **out)
{
	if (s->depth == IMAP_MAX_DEPTH)
		return rule_bad(p, "The search is nested too deeply");
	if (++s->keys > IMAP_MAX_SEARCH_KEYS)
		return rule_bad(p, "The search has too many keys");
	s->depth++;
	enum parse result = any_key(p, s, out);
	s->depth--;
	return result;
}

/* search-return-opt, RFC 4731 section 3.1 */
static enum parse
return_option(struct imap_parser *p, void *arg)
{
	static const struct { const char *word; enum imap_search_return bit; } options[] = {
		{ "MIN", SEARCH_RETURN_MIN }, { "MAX", SEARCH_RETURN_MAX },
		{ "ALL", SEARCH_RETURN_ALL }, { "COUNT", SEARCH_RETURN_COUNT },
	};
	unsigned *want = arg;
	struct span word;

	TRY(rule_keyword(p, &word));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (span_eq_nocase(word, span_str(options[i].word))) {
			*want |= options[i].bit;
			return PARSE_OK;
		}
	}
	return rule_bad(p, "Unknown RETURN option");
}

/* "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" SP */
static enum parse
search_return(struct imap_parser *p, struct imap_search *out)
{
	TRY(rule_maybe_word(p, "RETURN", &out->extended));
	if (!out->extended)
		return PARSE_OK;
	TRY(rule_space(p));
	TRY(rule_parenthesised(p, true, return_option, &out->want));
	if (out->want == 0)
		out->want = SEARCH_RETURN_ALL;
	return rule_space(p);
}

static enum parse
program(struct imap_parser *p, struct search_state *s)
{
	struct key_list list = { .state = s };
	bool has_charset;

	TRY(search_return(p, s->out));
	TRY(rule_maybe_word(p, "CHARSET", &has_charset));
	if (has_charset) {
		TRY(rule_space(p));
		TRY(rule_astring(p, &s->charset));
		TRY(rule_space(p));
		s->out->unknown_charset = !charset_known(s->charset);
	}
	for (;;) {
		bool another;
		TRY(listed_key(p, &list));
		TRY(rule_another(p, &another));
		if (!another)
			break;
	}
	s->out->key = all_of(p->arena, &list);
	return PARSE_OK;
}

enum parse
rule_search_program(struct imap_parser *p, struct imap_search *out)
{
	size_t start = p->at;
	struct imap_search search = { .key = NULL };
	struct search_state state = { .out = &search, .charset = SPAN_LIT("") };
	enum parse result = program(p, &state);

	if (result == PARSE_OK)
		*out = search;
	return rule_settle(p, start, result);
}
