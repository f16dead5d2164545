/*
 * content_type_test.c - values with parameters, well formed and not
 */
#include "mail/content_type.h"

#include "base/buf.h"
#include "base/test.h"

#define MAX_PARAMS 3

static void
show(const struct content_type *t, struct buf *out)
{
	buf_span(out, t->type);
	buf_char(out, '/');
	buf_span(out, t->subtype);
	for (const struct mime_param *p = t->params; p; p = p->next) {
		buf_char(out, ';');
		buf_span(out, p->name);
		buf_char(out, '=');
		buf_span(out, p->value);
	}
}

static void
test_content_type(void **state)
{
	static const struct {
		const char *value, *shown;
	} rows[] = {
		{ "text/plain", "text/plain" },
		{ " Text/HTML ; Charset=UTF-8", "Text/HTML;Charset=UTF-8" },
		{ "text/plain; charset=\"us-ascii\"; format=flowed", "text/plain;charset=us-ascii;format=flowed" },
		{ "text/plain; charset=us-ascii (Plain text)", "text/plain;charset=us-ascii" },
		{ "text (a) / (b) plain (c) ; (d) a (e) = (f) b", "text/plain;a=b" },
		{ "a/b;\r\n\tname=\"one\r\n two\"", "a/b;name=one two" },
		{ "a/b; name=\"quo\\\"te;d\"; x=y", "a/b;name=quo\"te;d;x=y" },
		{ "a/b; name=my file (1).doc", "a/b;name=my file" },
		{ "a/b; name=my file(1).doc; x=y", "a/b;name=my file(1).doc;x=y" },
		{ "a/b; f*0*=utf-8''a%20; f*1=b; title*=us-ascii'en'c", "a/b;f*0*=utf-8''a%20;f*1=b;title*=us-ascii'en'c" },
		{ "a/b;;; x=1; ;y=2", "a/b;x=1;y=2" },
		{ "a/b; novalue; x=1", "a/b;x=1" },
		{ "a/b; =2; x=1", "a/b;x=1" },
		{ "a/b; \"debris; no=param\"; x=1", "a/b;x=1" },
		{ "a/b; x=\"never closed; y=2", "a/b;x=never closed; y=2" },
		{ "a/b; a=1; b=2; c=3; d=4", "a/b;a=1;b=2;c=3" },
		{ "text/plain>", "text/plain" },
		{ "text", "/" },
		{ "text; charset=x", "/;charset=x" },
		{ "/plain", "/" },
		{ "text/", "/" },
		{ "(((", "/" },
		{ "", "/" },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct content_type t = content_type_parse(&a, span_str(rows[i].value), MAX_PARAMS);
		struct buf out;
		buf_init(&out, 0);
		show(&t, &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].shown)))
			fail_msg("%s gave %.*s", rows[i].value, (int)out.len, out.at);
		buf_release(&out);
	}
	arena_release(&a);
}

static void
test_disposition(void **state)
{
	struct arena a;
	struct buf out;
	(void)state;

	arena_init(&a, 0);
	buf_init(&out, 0);
	struct content_type d = content_disposition_parse(&a,
	    SPAN_LIT(" attachment;\n filename=\"a.b\"; size=3"), MAX_PARAMS);
	show(&d, &out);
	assert_true(span_eq(buf_view(&out), SPAN_LIT("attachment/;filename=a.b;size=3")));
	buf_release(&out);
	arena_release(&a);
}

static void
test_param_value(void **state)
{
	static const struct {
		const char *value, *boundary;	/* NULL: none */
	} rows[] = {
		{ "a/b; BOUNDARY=x", "x" },
		{ "a/b; boundary=x; boundary=y", "x" },
		{ "a/b; boundary*=us-ascii''%61b%2", "ab%2" },
		{ "a/b; boundary*0=x; boundary*1=y", "xy" },
		{ "a/b; boundary*1*=%62; boundary*0*=us-ascii'en'%61", "ab" },
		{ "a/b; boundary*1=y", NULL },
		{ "a/b; x=y", NULL },
		{ "a/b", NULL },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct content_type t = content_type_parse(&a, span_str(rows[i].value), 10);
		struct span found = mime_param_value(&a, t.params, SPAN_LIT("boundary"));
		if ((found.at != NULL) != (rows[i].boundary != NULL) || !span_eq(found, span_str(rows[i].boundary)))
			fail_msg("%s gave %.*s", rows[i].value, (int)found.len, found.at);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content_type),
		cmocka_unit_test(test_disposition),
		cmocka_unit_test(test_param_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
