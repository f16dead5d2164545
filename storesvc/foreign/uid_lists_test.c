/*
 * uid_lists_test.c - lists of UIDs, whole and damaged
 */
#include <stdio.h>

#include "base/test.h"
#include "storesvc/foreign/uid_lists.h"

/* "UID FILE UIDL;..." of a whole list, after its "VERSION UIDVALIDITY UIDNEXT;". */
static void
print_list(const char *text, char *out, size_t room)
{
	struct span rest = span_str(text);
	struct uid_list_head head;
	struct uid_list_line line;
	size_t len = 0;

	if (!uid_list_begin(&rest, &head)) {
		snprintf(out, room, "none");
		return;
	}
	len += (size_t)snprintf(out, room, "%u %u %u;", head.version, head.uidvalidity, head.uidnext);
	while (uid_list_next(&rest, &head, &line))
		len += (size_t)snprintf(out + len, room - len, "%u %.*s %.*s;", line.uid, (int)line.file.len, line.file.at,
		    (int)line.uidl.len, line.uidl.len ? line.uidl.at : "");
}

static void
test_rows(void **state)
{
	static const struct {
		const char *text, *list;
	} rows[] = {
		{ "3 V5 N9 Gab\n7 :1.a.host\n8 :2.b.host:2,S\n", "3 5 9;7 1.a.host ;8 2.b.host:2,S ;" },
		/* Keys with a colon in them, in any order, and letters that are not known. */
		{ "3 V5 N9\n7 P12:34 W17 :1.a.host\n8 S5 Z: P:x Q :2.b\n", "3 5 9;7 1.a.host 12:34;8 2.b :x;" },
		{ "3 Gab N9 V5 Xy\n7 :1.a with spaces\n", "3 5 9;7 1.a with spaces ;" },
		/* Ends of lines. */
		{ "3 V5 N9\r\n7 :1.a\r\n8 :2.b", "3 5 9;7 1.a ;8 2.b ;" },
		/* Damaged lines are passed over. */
		{ "3 V5 N9\n\n7\n7 \nx :1.a\n0 :1.a\n7 P1 W2\n7 :\n8 :2.b\n", "3 5 9;8 2.b ;" },
		{ "3 V5 N9\n4294967296 :1.a\n4294967295 :1.b\n4294967294 :1.c\n99999999999999999999 :1.d\n",
		    "3 5 9;4294967294 1.c ;" },
		{ "3 V5\n9 :9.a\n2 :2.b\n", "3 5 0;9 9.a ;2 2.b ;" },
		{ "3 V5 N4294967296\n", "3 5 0;" },
		{ "3 V4294967296 N9\n7 :1.a\n", "none" },
		{ "3 V0 N9\n7 :1.a\n", "none" },
		{ "3 N9\n7 :1.a\n", "none" },
		{ "", "none" },
		{ "4 V5 N9\n7 :1.a\n", "none" },
		/* Version 1, Courier's and Dovecot's. */
		{ "1 5 9\n7 1.a.host\n8 2.b with spaces,S=3\n", "1 5 9;7 1.a.host ;8 2.b with spaces,S=3 ;" },
		{ "1 5 9\r\n7 1.a.host\r\n", "1 5 9;7 1.a.host ;" },
		{ "1 5\n7 1.a.host\n", "1 5 0;7 1.a.host ;" },
		{ "1 0 9\n7 1.a.host\n", "none" },
		{ "1 x 9\n", "none" },
	};
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_list(rows[i].text, out, sizeof(out));
		assert_string_equal(out, rows[i].list);
	}
}

/* Cut anywhere, a list holds no line that the whole has not, but the last one may have lost its end. */
static void
test_cut_anywhere(void **state)
{
	static const char whole[] = "3 V5 N9 Gab\n7 P12:34 W17 :1.a.host\n8 :2.b.host:2,S\n";
	char text[sizeof(whole)], out[512];

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		memcpy(text, whole, len);
		text[len] = '\0';
		print_list(text, out, sizeof(out));
		assert_true(strcmp(out, "none") == 0 || strncmp(out, "3 5 ", 4) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
