/*
 * imap_values_test.c - what FETCH items and SEARCH programs become
 */
#include "frontend/imap/imap_parse_fetch.h"
#include "frontend/imap/imap_parse_search.h"

#include "base/buf.h"
#include "base/test.h"

/* "SECTION BODY[TEXT]<0> part 1.2 0+5 peek|..." */
static void
print_item(struct buf *b, const Posthouse__FetchItem *item)
{
	const ProtobufCEnumValue *kind =
	    protobuf_c_enum_descriptor_get_value(&posthouse__fetch_item__kind__descriptor, (int)item->kind);

	buf_str(b, kind->name);
	if (item->kind == POSTHOUSE__FETCH_ITEM__KIND__SECTION) {
		buf_printf(b, " %s %u", item->label, item->section->kind);
		for (size_t i = 0; i < item->section->n_part; i++)
			buf_printf(b, "%s%u", i ? "." : " part ", item->section->part[i]);
		for (size_t i = 0; i < item->section->n_fields; i++)
			buf_printf(b, " %s", item->section->fields[i]);
	}
	if (item->has_partial)
		buf_printf(b, " %llu+%llu", (unsigned long long)item->partial_offset,
		    (unsigned long long)item->partial_length);
	if (item->peek)
		buf_str(b, " peek");
}

static void
test_fetch_items(void **state)
{
	static const struct { const char *atts, *items; } rows[] = {
		{ "FAST", "FLAGS|INTERNALDATE|RFC822_SIZE" },
		{ "ALL", "FLAGS|INTERNALDATE|RFC822_SIZE|ENVELOPE" },
		{ "full", "FLAGS|INTERNALDATE|RFC822_SIZE|ENVELOPE|BODY" },
		{ "(uid flags UID)", "UID|FLAGS" },
		{ "(ALL)", "FLAGS|INTERNALDATE|RFC822_SIZE|ENVELOPE" },
		{ "( uid FAST BODY[] full )", "UID|FLAGS|INTERNALDATE|RFC822_SIZE|SECTION BODY[] 0|ENVELOPE|BODY" },
		{ "BODYSTRUCTURE", "BODYSTRUCTURE" },
		{ "BODY[]", "SECTION BODY[] 0" },
		{ "body.peek[]", "SECTION BODY[] 0 peek" },
		{ "BODY[]<10.20>", "SECTION BODY[]<10> 0 10+20" },
		{ "BODY[3.1.TEXT]", "SECTION BODY[3.1.TEXT] 4 part 3.1" },
		{ "BODY[4]", "SECTION BODY[4] 0 part 4" },
		{ "BODY[2.mime]", "SECTION BODY[2.MIME] 5 part 2" },
		{ "BODY.PEEK[header.fields (from {2}\r\nTo \"x y\")]",
		  "SECTION BODY[HEADER.FIELDS (FROM TO \"x y\")] 2 from To x y peek" },
		{ "BODY[1.HEADER.FIELDS.NOT (a)]", "SECTION BODY[1.HEADER.FIELDS.NOT (A)] 3 part 1 a" },
		{ "RFC822", "SECTION RFC822 0" },
		{ "(RFC822.HEADER RFC822.TEXT)", "SECTION RFC822.HEADER 1 peek|SECTION RFC822.TEXT 4" },
		{ "(BODY[] BODY.PEEK[])", "SECTION BODY[] 0" },		/* one of them sets \Seen */
		{ "(BODY.PEEK[] BODY[])", "SECTION BODY[] 0" },
		{ "(BODY[1] BODY[2] BODY[1]<0.5> BODY[1]<0.6>)",
		  "SECTION BODY[1] 0 part 1|SECTION BODY[2] 0 part 2|SECTION BODY[1]<0> 0 part 1 0+5|"
		  "SECTION BODY[1]<0> 0 part 1 0+6" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imap_parser p;
		struct imap_fetch_items items;
		struct buf b;
		buf_init(&b, 0);
		imap_parser_init(&p, &a, span_str(arena_printf(&a, "%s\r\n", rows[i].atts)));
		assert_int_equal(rule_fetch_atts(&p, &items), PARSE_OK);
		for (size_t k = 0; k < items.count; k++) {
			buf_str(&b, k ? "|" : "");
			print_item(&b, items.items[k]);
		}
		if (!span_eq(buf_view(&b), span_str(rows[i].items)))
			fail_msg("%s gave %.*s", rows[i].atts, (int)b.len, b.at);
		buf_release(&b);
	}
	arena_release(&a);
}

/* (OR (FLAG "\Seen") (HEADER "To" "x")) */
static void
print_key(struct buf *b, const Posthouse__SearchKey *key, const struct imap_search *search)
{
	const ProtobufCEnumValue *kind =
	    protobuf_c_enum_descriptor_get_value(&posthouse__search_key__kind__descriptor, (int)key->kind);

	buf_printf(b, "(%s", kind->name);
	if (*key->field)
		buf_printf(b, " \"%s\"", key->field);
	if (*key->text)
		buf_printf(b, " \"%s\"", key->text);
	if (key->number)
		buf_printf(b, " %llu", (unsigned long long)key->number);
	for (const struct imap_search_set *set = search->sets; set; set = set->next)
		if (set->key == key)
			buf_printf(b, " %s%.*s", set->by_uid ? "uid " : "", (int)set->set.len, set->set.at);
	for (size_t i = 0; i < key->n_children; i++) {
		buf_char(b, ' ');
		print_key(b, key->children[i], search);
	}
	buf_char(b, ')');
}

static void
test_search_programs(void **state)
{
	static const struct { const char *program, *tree; } rows[] = {
		{ "ALL", "(ALL)" },
		{ "UNSEEN", "(NOT (FLAG \"\\Seen\"))" },
		{ "NEW", "(AND (RECENT) (NOT (FLAG \"\\Seen\")))" },
		{ "OLD", "(NOT (RECENT))" },
		{ "KEYWORD $x UNKEYWORD y", "(AND (FLAG \"$x\") (NOT (FLAG \"y\")))" },
		{ "OR SEEN (FROM a TO b)", "(OR (FLAG \"\\Seen\") (AND (ADDRESS \"From\" \"a\") (ADDRESS \"To\" \"b\")))" },
		{ "((SEEN))", "(FLAG \"\\Seen\")" },
		{ "NOT 1:3,* UID 7", "(AND (NOT (UIDS 1:3,*)) (UIDS uid 7))" },
		{ "HEADER X-Foo \"a b\"", "(HEADER \"X-Foo\" \"a b\")" },
		{ "SINCE 2-Jan-1970 SENTBEFORE 3-Jan-1970", "(AND (SINCE 1) (SENTBEFORE 2))" },
		{ "SINCE 1-Jan-1960", "(SINCE)" },
		{ "LARGER 10 SMALLER 20", "(AND (LARGER 10) (SMALLER 20))" },
		{ "MODSEQ \"/flags/\\\\Seen\" shared 7", "(MODSEQ 7)" },
		{ "OLDER 3 YOUNGER 4", "(AND (OLDER 3) (YOUNGER 4))" },
		{ "CHARSET UTF-8 SUBJECT {2}\r\n\xc3\xa9", "(HEADER \"Subject\" \"\xc3\xa9\")" },
		{ "CHARSET ISO-8859-1 BODY {1}\r\n\xe9", "(BODY \"\xc3\xa9\")" },
		{ "TEXT \"\xc3\xa9\"", "(TEXT \"\xc3\xa9\")" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imap_parser p;
		struct imap_search search;
		struct buf b;
		buf_init(&b, 0);
		imap_parser_init(&p, &a, span_str(arena_printf(&a, "%s\r\n", rows[i].program)));
		p.eight_bit = true;
		if (rule_search_program(&p, &search) != PARSE_OK)
			fail_msg("%s: %s", rows[i].program, p.error);
		print_key(&b, search.key, &search);
		if (!span_eq(buf_view(&b), span_str(rows[i].tree)))
			fail_msg("%s gave %.*s", rows[i].program, (int)b.len, b.at);
		buf_release(&b);
	}
	arena_release(&a);
}

static void
test_search_options(void **state)
{
	static const struct { const char *program; bool extended; unsigned want; bool modseq, bad_charset; } rows[] = {
		{ "ALL", false, 0, false, false },
		{ "RETURN () ALL", true, SEARCH_RETURN_ALL, false, false },
		{ "RETURN (MIN COUNT) MODSEQ 1", true, SEARCH_RETURN_MIN | SEARCH_RETURN_COUNT, true, false },
		{ "RETURN (MAX ALL) CHARSET KLINGON TEXT x", true, SEARCH_RETURN_MAX | SEARCH_RETURN_ALL, false, true },
		{ "CHARSET \"us-ascii\" ALL", false, 0, false, false },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imap_parser p;
		struct imap_search search;
		imap_parser_init(&p, &a, span_str(arena_printf(&a, "%s\r\n", rows[i].program)));
		assert_int_equal(rule_search_program(&p, &search), PARSE_OK);
		assert_int_equal(search.extended, rows[i].extended);
		assert_int_equal(search.want, rows[i].want);
		assert_int_equal(search.modseq, rows[i].modseq);
		assert_int_equal(search.unknown_charset, rows[i].bad_charset);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch_items),
		cmocka_unit_test(test_search_programs),
		cmocka_unit_test(test_search_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
