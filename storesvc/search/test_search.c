/*
 * test_search.c - search keys as text, for tests
 */
#include "storesvc/search/test_search.h"

#include "base/panic.h"
#include "mail/uidset.h"

static const struct {
	const char *name;
	Posthouse__SearchKey__Kind kind;
	char form;			/* n number, t text, h header, u uid set, c children */
} kinds[] = {
	{ "all", POSTHOUSE__SEARCH_KEY__KIND__ALL, 0 }, { "and", POSTHOUSE__SEARCH_KEY__KIND__AND, 'c' },
	{ "or", POSTHOUSE__SEARCH_KEY__KIND__OR, 'c' }, { "not", POSTHOUSE__SEARCH_KEY__KIND__NOT, 'c' },
	{ "uids", POSTHOUSE__SEARCH_KEY__KIND__UIDS, 'u' }, { "flag", POSTHOUSE__SEARCH_KEY__KIND__FLAG, 't' },
	{ "header", POSTHOUSE__SEARCH_KEY__KIND__HEADER, 'h' }, { "address", POSTHOUSE__SEARCH_KEY__KIND__ADDRESS, 'h' }, { "body", POSTHOUSE__SEARCH_KEY__KIND__BODY, 't' },
	{ "text", POSTHOUSE__SEARCH_KEY__KIND__TEXT, 't' }, { "before", POSTHOUSE__SEARCH_KEY__KIND__BEFORE, 'n' },
	{ "on", POSTHOUSE__SEARCH_KEY__KIND__ON, 'n' }, { "since", POSTHOUSE__SEARCH_KEY__KIND__SINCE, 'n' },
	{ "sentbefore", POSTHOUSE__SEARCH_KEY__KIND__SENTBEFORE, 'n' },
	{ "senton", POSTHOUSE__SEARCH_KEY__KIND__SENTON, 'n' },
	{ "sentsince", POSTHOUSE__SEARCH_KEY__KIND__SENTSINCE, 'n' },
	{ "larger", POSTHOUSE__SEARCH_KEY__KIND__LARGER, 'n' },
	{ "smaller", POSTHOUSE__SEARCH_KEY__KIND__SMALLER, 'n' },
	{ "modseq", POSTHOUSE__SEARCH_KEY__KIND__MODSEQ, 'n' },
	{ "recent", POSTHOUSE__SEARCH_KEY__KIND__RECENT, 0 }, { "older", POSTHOUSE__SEARCH_KEY__KIND__OLDER, 'n' },
	{ "younger", POSTHOUSE__SEARCH_KEY__KIND__YOUNGER, 'n' },
};

static char *
string(struct arena *a, struct span s)
{
	return arena_strndup(a, s.at, s.len);
}

static void
parse_uids(struct arena *a, Posthouse__SearchKey *key, struct span text)
{
	struct uidset set;

	uidset_init(&set);
	assert_that(uidset_parse(&set, text, 0, 100));
	key->uids = ARENA_ARRAY(a, set.count, Posthouse__Run *);
	for (size_t i = 0; i < set.count; i++) {
		key->uids[i] = ARENA_NEW(a, Posthouse__Run);
		posthouse__run__init(key->uids[i]);
		key->uids[i]->first = set.runs[i].first;
		key->uids[i]->last = set.runs[i].last;
	}
	key->n_uids = set.count;
	uidset_release(&set);
}

static void
parse_value(struct arena *a, Posthouse__SearchKey *key, char form, struct span value)
{
	switch (form) {
	case 'n':
		assert_that(span_number(value, UINT64_MAX, &key->number));
		break;
	case 't':
		key->text = string(a, value);
		break;
	case 'h':
		key->field = string(a, span_cut(&value, '='));
		key->text = string(a, value);
		break;
	case 'u':
		parse_uids(a, key, value);
		break;
	}
}

/* The word up to a blank or bracket; blanks in texts are written "_". */
static struct span
parse_word(struct arena *a, struct span *rest)
{
	size_t len = 0;

	while (len < rest->len && !strchr(" ()", rest->at[len]))
		len++;
	char *word = string(a, span_head(*rest, len));
	for (char *c = word; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	*rest = span_skip(*rest, len);
	return span_of(word, len);
}

static Posthouse__SearchKey *
parse_key(struct arena *a, struct span *rest)
{
	Posthouse__SearchKey *key = ARENA_NEW(a, Posthouse__SearchKey);
	bool list = rest->at[0] == '(';
	char form = '?';

	posthouse__search_key__init(key);
	*rest = span_skip(*rest, list);
	struct span value = parse_word(a, rest), name = span_cut(&value, ':');
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (span_eq(name, span_str(kinds[i].name))) {
			key->kind = kinds[i].kind;
			form = kinds[i].form;
		}
	}
	assert_that(form != '?');
	parse_value(a, key, form, value);
	if (!list)
		return key;
	key->children = ARENA_ARRAY(a, 16, Posthouse__SearchKey *);
	while (rest->at[0] != ')') {
		*rest = span_skip(*rest, 1);
		key->children[key->n_children++] = parse_key(a, rest);
	}
	*rest = span_skip(*rest, 1);
	return key;
}

Posthouse__SearchKey *
test_search_key(struct arena *a, const char *text)
{
	struct span rest = span_str(text);

	return parse_key(a, &rest);
}
