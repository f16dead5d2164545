/*
 * imap_parse_fetch.c - fetch-att, section and the macros
 */
#include "frontend/imap/imap_parse_fetch.h"

#include "mail/imap_string.h"

enum { MAX_FETCH_ITEMS = 256, MAX_PART_DEPTH = 128 };

static bool
same_numbers(const Posthouse__Section *a, const Posthouse__Section *b)
{
	return a->n_part == b->n_part &&
	    (a->n_part == 0 || memcmp(a->part, b->part, a->n_part * sizeof(*a->part)) == 0);
}

/* Labels hold all of a section but the partial's length; those of different length are different. */
static bool
same_item(const Posthouse__FetchItem *a, const Posthouse__FetchItem *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind != POSTHOUSE__FETCH_ITEM__KIND__SECTION)
		return true;
	return span_eq(span_str(a->label), span_str(b->label)) && same_numbers(a->section, b->section) &&
	    a->partial_length == b->partial_length;
}

static enum parse
keep_item(struct imap_parser *p, struct imap_fetch_items *list, Posthouse__FetchItem *item)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!same_item(list->items[i], item))
			continue;
		if (!item->peek)
			list->items[i]->peek = false;
		return PARSE_OK;
	}
	if (list->count == MAX_FETCH_ITEMS)
		return rule_bad(p, "Too many items");
	if (list->items == NULL)
		list->items = ARENA_ARRAY(p->arena, MAX_FETCH_ITEMS, Posthouse__FetchItem *);
	list->items[list->count++] = item;
	return PARSE_OK;
}

static Posthouse__FetchItem *
new_item(struct arena *a, Posthouse__FetchItem__Kind kind)
{
	Posthouse__FetchItem *item = ARENA_NEW(a, Posthouse__FetchItem);

	posthouse__fetch_item__init(item);
	item->kind = kind;
	return item;
}

bool
imap_fetch_has(const struct imap_fetch_items *items, Posthouse__FetchItem__Kind kind)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->items[i]->kind == kind)
			return true;
	return false;
}

void
imap_fetch_add(struct arena *a, struct imap_fetch_items *items, Posthouse__FetchItem__Kind kind)
{
	if (imap_fetch_has(items, kind))
		return;

	Posthouse__FetchItem **larger = ARENA_ARRAY(a, items->count + 1, Posthouse__FetchItem *);
	if (items->count)
		memcpy(larger, items->items, items->count * sizeof(Posthouse__FetchItem *));
	larger[items->count++] = new_item(a, kind);
	items->items = larger;
}

/* Items that are one word, and what a word of RFC 822 times means in sections. */
static const struct fetch_word {
	const char *word;
	Posthouse__FetchItem__Kind kind;
	Posthouse__Section__Kind section;
	bool peek;
} fetch_words[] = {
#define ITEM(name) POSTHOUSE__FETCH_ITEM__KIND__##name
#define PART(name) POSTHOUSE__SECTION__KIND__##name
	{ "FLAGS",         ITEM(FLAGS),         PART(ALL),    false },
	{ "UID",           ITEM(UID),           PART(ALL),    false },
	{ "INTERNALDATE",  ITEM(INTERNALDATE),  PART(ALL),    false },
	{ "ENVELOPE",      ITEM(ENVELOPE),      PART(ALL),    false },
	{ "BODYSTRUCTURE", ITEM(BODYSTRUCTURE), PART(ALL),    false },
	{ "MODSEQ",        ITEM(MODSEQ),        PART(ALL),    false },
	{ "RFC822.SIZE",   ITEM(RFC822_SIZE),   PART(ALL),    false },
	{ "RFC822",        ITEM(SECTION),       PART(ALL),    false },
	{ "RFC822.HEADER", ITEM(SECTION),       PART(HEADER), true },
	{ "RFC822.TEXT",   ITEM(SECTION),       PART(TEXT),   false },
};

static enum parse
header_field(struct imap_parser *p, void *arg)
{
	struct span name;

	TRY(rule_astring(p, &name));
	return imap_strings_add(p, arg, name);
}

/* header-list = "(" header-fld-name *(SP header-fld-name) ")" */
static enum parse
header_list(struct imap_parser *p, Posthouse__Section *section)
{
	struct imap_strings names = { NULL, 0 };

	TRY(rule_space(p));
	TRY(rule_parenthesised(p, false, header_field, &names));
	section->fields = ARENA_ARRAY(p->arena, names.count, char *);
	for (size_t i = 0; i < names.count; i++)
		section->fields[i] = arena_strndup(p->arena, names.items[i].at, names.items[i].len);
	section->n_fields = names.count;
	return PARSE_OK;
}

/* section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"; MIME only behind a part */
static enum parse
section_text(struct imap_parser *p, Posthouse__Section *section)
{
	struct span word;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("TEXT"))) {
		section->kind = PART(TEXT);
	} else if (span_eq_nocase(word, SPAN_LIT("HEADER"))) {
		section->kind = PART(HEADER);
	} else if (span_eq_nocase(word, SPAN_LIT("HEADER.FIELDS"))) {
		section->kind = PART(HEADER_FIELDS);
		return header_list(p, section);
	} else if (span_eq_nocase(word, SPAN_LIT("HEADER.FIELDS.NOT"))) {
		section->kind = PART(HEADER_FIELDS_NOT);
		return header_list(p, section);
	} else if (span_eq_nocase(word, SPAN_LIT("MIME")) && section->n_part) {
		section->kind = PART(MIME);
	} else {
		return rule_bad(p, "Unknown section");
	}
	return PARSE_OK;
}

/* section-part = nz-number *("." nz-number); the "." before a word belongs to section-spec */
static enum parse
section_spec(struct imap_parser *p, Posthouse__Section *section)
{
	char next;

	TRY(rule_peek(p, &next));
	while (ascii_digit(next)) {
		if (section->n_part == 0)
			section->part = ARENA_ARRAY(p->arena, MAX_PART_DEPTH, uint32_t);
		if (section->n_part == MAX_PART_DEPTH)
			return rule_bad(p, "The part number is too deep");
		TRY(rule_nz_number(p, &section->part[section->n_part++]));
		TRY(rule_peek(p, &next));
		if (next == ']')
			return PARSE_OK;
		TRY(rule_char(p, '.'));
		TRY(rule_peek(p, &next));
	}
	return next == ']' && section->n_part == 0 ? PARSE_OK : section_text(p, section);
}

/* "<" number "." nz-number ">" */
static enum parse
partial(struct imap_parser *p, Posthouse__FetchItem *item)
{
	if (p->at == p->in.len)
		return PARSE_MORE;
	if (!rule_next_is(p, '<'))
		return PARSE_OK;
	TRY(rule_char(p, '<'));
	TRY(rule_number64(p, &item->partial_offset));
	TRY(rule_char(p, '.'));
	TRY(rule_number64(p, &item->partial_length));
	item->has_partial = true;
	if (item->partial_length == 0)
		return rule_bad(p, "A number above zero is expected");
	return rule_char(p, '>');
}

static const char *const section_words[] = {
	[PART(ALL)] = "",
	[PART(HEADER)] = "HEADER",
	[PART(HEADER_FIELDS)] = "HEADER.FIELDS",
	[PART(HEADER_FIELDS_NOT)] = "HEADER.FIELDS.NOT",
	[PART(TEXT)] = "TEXT",
	[PART(MIME)] = "MIME",
};

/* Field names are given back in capitals, as clients expect them, and quoted where they need it. */
static void
label_fields(struct buf *b, const Posthouse__Section *section)
{
	for (size_t i = 0; i < section->n_fields; i++) {
		struct span name = span_str(section->fields[i]);
		size_t plain = strcspn(name.at, "(){ %*\"\\\r\n");
		buf_str(b, i ? " " : " (");
		if (plain == name.len && name.len)
			for (size_t c = 0; c < name.len; c++)
				buf_char(b, ascii_upper(name.at[c]));
		else
			imap_string(b, name);
	}
	if (section->n_fields)
		buf_char(b, ')');
}

/* "BODY[1.2.HEADER.FIELDS (DATE FROM)]<0>" */
static char *
section_label(struct arena *a, const Posthouse__FetchItem *item)
{
	const Posthouse__Section *section = item->section;
	const char *word = section_words[section->kind];
	struct buf b;

	buf_init(&b, 0);
	buf_str(&b, "BODY[");
	for (size_t i = 0; i < section->n_part; i++) {
		if (i)
			buf_char(&b, '.');
		buf_number(&b, section->part[i]);
	}
	if (section->n_part && *word)
		buf_char(&b, '.');
	buf_str(&b, word);
	label_fields(&b, section);
	buf_char(&b, ']');
	if (item->has_partial)
		buf_printf(&b, "<%llu>", (unsigned long long)item->partial_offset);

	char *label = arena_strndup(a, b.at, b.len);
	buf_release(&b);
	return label;
}

static Posthouse__Section *
new_section(struct arena *a, Posthouse__Section__Kind kind)
{
	Posthouse__Section *section = ARENA_NEW(a, Posthouse__Section);

	posthouse__section__init(section);
	section->kind = kind;
	return section;
}

/* "BODY" [".PEEK"] section ["<" number "." nz-number ">"], from the "[" on */
static enum parse
body_section(struct imap_parser *p, bool peek, struct imap_fetch_items *list)
{
	Posthouse__FetchItem *item = new_item(p->arena, ITEM(SECTION));

	item->peek = peek;
	item->section = new_section(p->arena, PART(ALL));
	TRY(rule_char(p, '['));
	TRY(section_spec(p, item->section));
	TRY(rule_char(p, ']'));
	TRY(partial(p, item));
	item->label = section_label(p->arena, item);
	return keep_item(p, list, item);
}

static enum parse
named_item(struct imap_parser *p, struct span word, struct imap_fetch_items *list)
{
	for (size_t i = 0; i < sizeof(fetch_words) / sizeof(fetch_words[0]); i++) {
		const struct fetch_word *w = &fetch_words[i];
		if (!span_eq_nocase(word, span_str(w->word)))
			continue;
		Posthouse__FetchItem *item = new_item(p->arena, w->kind);
		item->label = arena_strdup(p->arena, w->word);
		item->peek = w->peek;
		if (w->kind == ITEM(SECTION))
			item->section = new_section(p->arena, w->section);
		return keep_item(p, list, item);
	}
	return rule_bad(p, "Unknown item");
}

/* "ALL" / "FULL" / "FAST": nested prefixes of one list; *out is how many of it, 0 for another word */
static enum parse
macro(struct imap_parser *p, struct span word, struct imap_fetch_items *list, size_t *out)
{
	static const Posthouse__FetchItem__Kind items[] = {
		ITEM(FLAGS), ITEM(INTERNALDATE), ITEM(RFC822_SIZE), ITEM(ENVELOPE), ITEM(BODY)
	};

	*out = span_eq_nocase(word, SPAN_LIT("FAST")) ? 3 :
	    span_eq_nocase(word, SPAN_LIT("ALL")) ? 4 :
	    span_eq_nocase(word, SPAN_LIT("FULL")) ? 5 : 0;
	for (size_t i = 0; i < *out; i++)
		TRY(keep_item(p, list, new_item(p->arena, items[i])));
	return PARSE_OK;
}

/* fetch-att, or a macro, which clients put into lists too */
static enum parse
fetch_att(struct imap_parser *p, void *arg)
{
	struct span word;
	size_t macro_items;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("BODY.PEEK")))
		return body_section(p, true, arg);
	if (!span_eq_nocase(word, SPAN_LIT("BODY"))) {
		TRY(macro(p, word, arg, &macro_items));
		return macro_items ? PARSE_OK : named_item(p, word, arg);
	}
	if (p->at == p->in.len)
		return PARSE_MORE;
	if (rule_next_is(p, '['))
		return body_section(p, false, arg);

	Posthouse__FetchItem *item = new_item(p->arena, ITEM(BODY));
	item->label = arena_strdup(p->arena, "BODY");
	return keep_item(p, arg, item);
}

static enum parse
fetch_atts(struct imap_parser *p, struct imap_fetch_items *list)
{
	char next;

	TRY(rule_peek(p, &next));
	return next == '(' ? rule_parenthesised(p, false, fetch_att, list) : fetch_att(p, list);
}

enum parse
rule_fetch_atts(struct imap_parser *p, struct imap_fetch_items *out)
{
	size_t start = p->at;
	struct imap_fetch_items list = { NULL, 0 };
	enum parse result = fetch_atts(p, &list);

	if (result == PARSE_OK)
		*out = list;
	return rule_settle(p, start, result);
}
