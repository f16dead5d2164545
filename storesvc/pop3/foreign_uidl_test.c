/*
 * foreign_uidl_test.c - lists of Courier and Dovecot, whole and damaged
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "storesvc/pop3/foreign_uidl.h"

struct row {
	const char *name, *uidl;	/* uidl NULL: ours */
};

static void
expect(const char *courier, const char *dovecot, const struct row *rows, size_t count)
{
	struct test_folder folder;
	struct foreign_uidl f;

	assert_int_equal(test_folder_make(&folder), 0);
	int dir = open(folder.path, O_RDONLY | O_DIRECTORY);
	if (courier)
		assert_true(status_ok(io_replace_file(dir, "courierpop3dsizelist", span_str(courier), 0600)));
	if (dovecot)
		assert_true(status_ok(io_replace_file(dir, "dovecot-uidlist", span_str(dovecot), 0600)));
	foreign_uidl_read(&f, dir);
	for (size_t i = 0; i < count; i++) {
		const char *uidl = foreign_uidl_find(&f, span_str(rows[i].name));
		if (rows[i].uidl == NULL)
			assert_null(uidl);
		else
			assert_string_equal(uidl ? uidl : "none", rows[i].uidl);
	}
	foreign_uidl_release(&f);
	close(dir);
	test_folder_remove(&folder);
}

#define EXPECT(courier, dovecot, rows) expect(courier, dovecot, rows, COUNT_OF(rows))

static void
test_courier(void **state)
{
	static const struct row rows[] = {
		{ "1.a.host,S=5,U=7.tag", "UID3-99" },
		{ "1.a.host", "UID3-99" },
		{ "2.b.host,S=5,W=6,U=8.tag", "UID4" },
		{ "3.c d.host,U=9.tag", "UID5-99" },
		{ "4.+'\x7f.host,U=10.tag", "4.+2B+27+7F.host" },
		{ "5.e.host,X=1,S=2,U=11.tag", "UID6-99" },
		{ "5.e.host,S=2,U=11.tag", NULL },
		{ "6.f.host,U=12.tag", NULL },
		{ "7.g.host", NULL },
		{ "8.h.host", NULL },
	};

	(void)state;
	EXPECT("/3 9 99\n1.a.host,S=5:2,S 6 3:99:0\n2.b.host,S=5:2, 6 4:0:1\n3.c d.host:2, 6 5:99:0\n"
	    "4.+'\x7f.host:2,RS 6 0:0:0\n5.e.host,X=1,S=2:2, 3 6:99:0\n7.g.host 6 x:99\n8.h.host\n\n 5 5:5\n", NULL, rows);
}

static void
test_versions(void **state)
{
	static const struct row known[] = { { "1.a.host,U=1.t", "UID3-77" } };
	static const struct row unknown[] = { { "1.a.host,U=1.t", NULL } };

	(void)state;
	EXPECT("/2 4 77\n1.a.host:2, 6 3:77\n", NULL, known);
	EXPECT("/3 4 77\n1.a.host:2, 6 3:77:0", NULL, known);
	EXPECT("/1 4 77\n1.a.host:2, 6 3:77:0\n", NULL, unknown);
	EXPECT("1.a.host:2, 6 3:77:0\n", NULL, unknown);
	EXPECT("", "", unknown);
	EXPECT(NULL, NULL, unknown);
}

/* What Dovecot lists goes by its names, which are ours too unless it says another; the rest by Courier's. */
static void
test_dovecot_before_courier(void **state)
{
	static const struct row rows[] = {
		{ "1.a.host,U=1.t", NULL },
		{ "2.b.host,S=5,U=2.t", "UID9-1" },
		{ "3.c.host,U=3.t", "UID5-77" },
		{ "4.d.host,U=4.t", NULL },
		{ "5.e.host,U=5.t", NULL },
	};

	(void)state;
	EXPECT("/3 9 77\n1.a.host:2, 6 3:77:0\n2.b.host,S=5:2, 6 4:77:0\n3.c.host:2, 6 5:77:0\n",
	    "3 V1234 N9 Gabc\n1 :1.a.host\n2 W6 PUID9-1 :2.b.host,S=5\n4 Pbad\x01 :4.d.host\n5 P :5.e.host\n6\n", rows);
	EXPECT(NULL, "1 V1 N2\n1 PUID1 :1.a.host\n", ((const struct row[]){ { "1.a.host", NULL } }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_courier),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_dovecot_before_courier),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
