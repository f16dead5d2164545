/*
 * imap_grammar_test.c - every command's grammar, whole and one byte at a time
 *
 * No session is needed: a command's parse function only fills its frame.
 */
#include "frontend/imap/imap_ops.h"

#include "base/mem.h"
#include "base/test.h"

/* Tag, name and arguments; *out_error is set for BAD. */
static enum parse
parse_command(struct span in, const char **out_error)
{
	const struct imap_command *command = NULL;
	struct imap_frame *frame = NULL;
	struct imap_parser p;
	struct arena arena;
	struct span tag;

	arena_init(&arena, 0);
	imap_parser_init(&p, &arena, in);
	enum parse result = imap_command_name(&p, &tag, &command);
	if (result == PARSE_OK && command == NULL) {
		result = PARSE_BAD;
		p.error = "unknown";
	}
	if (result == PARSE_OK) {
		frame = mem_zalloc(command->ops->frame_size ? command->ops->frame_size : sizeof(*frame));
		frame->command = command;
		result = command->ops->parse ? command->ops->parse(&p, frame) : rule_end(&p);
	}
	*out_error = result == PARSE_BAD ? p.error : "";
	free(frame);
	arena_release(&arena);
	return result;
}

static void
check(const char *command, enum parse expected)
{
	const char *error, *early;
	enum parse whole = parse_command(span_str(command), &error);

	if (whole != expected)
		fail_msg("\"%s\" gave %d: %s", command, whole, error);
	for (size_t len = 0; len < strlen(command); len++) {
		char *copy = mem_alloc(len ? len : 1);
		memcpy(copy, command, len);
		enum parse result = parse_command(span_of(copy, len), &early);
		free(copy);
		if (result == PARSE_OK)
			fail_msg("\"%.*s\" is not all of a command", (int)len, command);
		if (result == PARSE_BAD && (whole != PARSE_BAD || strcmp(early, error) != 0))
			fail_msg("\"%.*s\": %s, but \"%s\": %s", (int)len, command, early, command, error);
	}
}

static void
test_good_commands(void **state)
{
	static const char *const rows[] = {
		"a CAPABILITY\r\n", "a noop\r\n", "a LOGOUT\n", "a CHECK\r\n", "a CLOSE\r\n", "a UNSELECT\r\n",
		"a STARTTLS\r\n", "a NAMESPACE\r\n", "a IDLE\r\n", "a EXPUNGE\r\n",
		"a LOGIN alice secret\r\n", "a LOGIN \"al ice\" \"p\\\"w\"\r\n", "a LOGIN {5}\r\nalice {2+}\r\n\"\\\r\n",
		"a LOGIN alice \"p\xc3\xa4ss\"\r\n", "a LOGIN a b]\r\n",
		"a AUTHENTICATE PLAIN\r\n", "a AUTHENTICATE plain =\r\n", "a AUTHENTICATE PLAIN AGEAYg==\r\n",
		"a AUTHENTICATE SCRAM-SHA-256\r\n",
		"a ID NIL\r\n", "a ID ()\r\n", "a ID (\"name\" \"x\" \"version\" NIL)\r\n", "a ID (\"name\" {1}\r\nx)\r\n",
		"a ENABLE CONDSTORE\r\n", "a ENABLE QRESYNC X-UNKNOWN UTF8=ACCEPT\r\n",
		"a SELECT INBOX\r\n", "a EXAMINE \"a b\"\r\n", "a SELECT {5}\r\nINBOX\r\n", "a SELECT x (CONDSTORE)\r\n",
		"a SELECT x (QRESYNC (67890007 20050715194045000))\r\n",
		"a SELECT x (QRESYNC (67890007 20050715194045000 41:211,214:541))\r\n",
		"a SELECT x (QRESYNC (67890007 90060115194045000 41:211 (1:100 41:140)))\r\n",
		"a SELECT x (QRESYNC (1 2 (1 2)) CONDSTORE)\r\n",
		"a CREATE foo\r\n", "a CREATE foo/\r\n", "a CREATE x (USE (\\Sent))\r\n", "a CREATE x (USE ())\r\n",
		"a DELETE foo\r\n", "a RENAME a b\r\n", "a RENAME \"a\" {1}\r\nb\r\n",
		"a SUBSCRIBE x\r\n", "a UNSUBSCRIBE x\r\n",
		"a LIST \"\" *\r\n", "a LIST \"\" \"%\"\r\n", "a LIST x %/*\r\n", "a LSUB \"\" *\r\n", "a LIST {0}\r\n {1}\r\n%\r\n",
		"a LIST (SUBSCRIBED) \"\" *\r\n", "a LIST () \"\" *\r\n", "a LIST \"\" (a b \"c%\")\r\n",
		"a LIST (REMOTE RECURSIVEMATCH SUBSCRIBED) \"\" %\r\n", "a LIST (SPECIAL-USE) \"\" *\r\n",
		"a LIST \"\" % RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)\r\n", "a LIST \"\" % RETURN ()\r\n",
		"a LIST \"\" % RETURN (STATUS (MESSAGES UNSEEN))\r\n",
		"a STATUS x (MESSAGES)\r\n", "a STATUS x (messages recent uidnext uidvalidity unseen highestmodseq size deleted)\r\n",
		"a APPEND x {10}\r\n", "a APPEND x {10+}\r\n", "a APPEND x () {1}\r\n", "a APPEND x (\\Seen $a) {1}\r\n",
		"a APPEND x \"17-Jul-1996 02:44:25 -0700\" {1}\r\n",
		"a APPEND {1}\r\nx (\\Seen) \" 7-Jul-1996 02:44:25 -0700\" {1+}\r\n",
		"a UID EXPUNGE 1:*\r\n",
		"a FETCH 1 FLAGS\r\n", "a UID FETCH 1:* (UID FLAGS)\r\n", "a FETCH 1 ALL\r\n", "a FETCH 1 fast\r\n",
		"a FETCH 1 FULL\r\n", "a FETCH 1 (RFC822.SIZE RFC822.HEADER RFC822.TEXT RFC822 INTERNALDATE ENVELOPE)\r\n",
		"a FETCH 1 BODY\r\n", "a FETCH 1 (BODY BODYSTRUCTURE)\r\n", "a FETCH 1 BODY[]\r\n", "a FETCH 1 BODY.PEEK[]<0.100>\r\n",
		"a FETCH 1 BODY[1.2.3]\r\n", "a FETCH 1 BODY[1.MIME]\r\n", "a FETCH 1 BODY[HEADER]\r\n", "a FETCH 1 BODY[2.TEXT]\r\n",
		"a FETCH 1 BODY[HEADER.FIELDS (From \"To\" {2}\r\nCc)]\r\n", "a FETCH 1 BODY[1.HEADER.FIELDS.NOT (x)]<5.6>\r\n",
		"a FETCH 1 (MODSEQ)\r\n", "a FETCH 1 FLAGS (CHANGEDSINCE 5)\r\n",
		"a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)\r\n",
		"a STORE 1 FLAGS ()\r\n", "a STORE 1:* +FLAGS (\\Seen)\r\n", "a STORE 1 -flags.silent \\Deleted $x\r\n",
		"a UID STORE 1 (UNCHANGEDSINCE 12) FLAGS.SILENT (\\Seen)\r\n",
		"a COPY 1 x\r\n", "a UID COPY 1:2,4 \"x y\"\r\n", "a MOVE * x\r\n", "a UID MOVE 1 x\r\n",
		"a SEARCH ALL\r\n", "a UID SEARCH 1:* UNSEEN\r\n", "a SEARCH CHARSET UTF-8 SUBJECT {2}\r\n\xc3\xa9\r\n",
		"a SEARCH OR FROM a (NOT TO b SINCE 1-Feb-1994)\r\n", "a SEARCH NOT NOT SEEN\r\n", "a SEARCH UID 1:* 3\r\n",
		"a SEARCH HEADER Message-ID <x@y>\r\n", "a SEARCH HEADER x \"\"\r\n", "a SEARCH LARGER 1 SMALLER 2\r\n",
		"a SEARCH RETURN () ALL\r\n", "a SEARCH RETURN (MIN MAX COUNT ALL) CHARSET US-ASCII SEEN\r\n",
		"a SEARCH MODSEQ 620162338\r\n", "a SEARCH MODSEQ \"/flags/\\\\draft\" all 620162338\r\n",
		"a SEARCH OLDER 5 YOUNGER 7\r\n", "a SEARCH NEW OLD RECENT KEYWORD $x UNKEYWORD y\r\n",
		"a SEARCH BODY x TEXT \"y z\" BCC a CC b ON 1-Jan-2000 BEFORE \"1-Jan-2000\"\r\n",
		"a SEARCH SENTON 1-Jan-2000 SENTSINCE 1-Jan-2000 SENTBEFORE 1-Jan-2000\r\n",
		"a SEARCH TEXT \"\xc3\xa9\"\r\n", "a SEARCH FROM j\xc3\xbcrgen\r\n",
		"a LOGIN j\xc3\xbcrgen@w.test \"pw\"\r\n", "a LOGIN \xfc \xff\r\n",

		/* Dates as phones write them. */
		"a APPEND INBOX (\\Seen) \"3-May-2021 20:38:39 +0000\" {17+}\r\n", "a SEARCH SINCE \" 1-Feb-1994\"\r\n",

		/* More spaces than there have to be. */
		"a  NOOP\r\n", "a UID  FETCH 1 FLAGS\r\n", "a NOOP \r\n", "a NOOP  \n", "a IDLE \r\n", "a CAPABILITY \r\n", "a LOGOUT \r\n",
		"a CHECK \r\n", "a CLOSE \r\n", "a UNSELECT \r\n", "a EXPUNGE \r\n", "a NAMESPACE \r\n", "a STARTTLS \r\n",
		"a LOGIN  alice  secret \r\n", "a LOGIN  {5}\r\nalice  {2}\r\nab \r\n", "a AUTHENTICATE  PLAIN  AGEAYg== \r\n", "a AUTHENTICATE PLAIN \r\n",
		"a ID ( \"name\" \"x\" )\r\n", "a ID ( )\r\n", "a ID  (\"name\"  NIL ) \r\n", "a ID NIL \r\n",
		"a ENABLE  CONDSTORE  QRESYNC \r\n", "a SELECT INBOX \r\n", "a SELECT  INBOX  ( CONDSTORE ) \r\n",
		"a SELECT x ( QRESYNC ( 1  2  1:2  ( 1  2 ) ) )\r\n", "a SELECT x (QRESYNC (1 2 ))\r\n", "a SELECT x (QRESYNC (1 2 3 ))\r\n",
		"a EXAMINE \"a\"  \r\n", "a CREATE  x  ( USE ( \\Sent ) ) \r\n", "a DELETE x \r\n", "a RENAME  a  b \r\n", "a SUBSCRIBE x \r\n",
		"a LIST  \"\"  * \r\n", "a LIST ( SUBSCRIBED )  \"\" ( a  b ) RETURN  ( STATUS  ( MESSAGES ) ) \r\n", "a LSUB  \"\"  % \r\n",
		"a STATUS  x  ( MESSAGES  UNSEEN ) \r\n", "a APPEND  x  ( \\Seen )  \"17-Jul-1996 02:44:25 -0700\"  {1}\r\n",
		"a FETCH  1  ( FLAGS  UID ) \r\n", "a FETCH 1 FLAGS \r\n", "a FETCH 1 BODY[] \r\n", "a FETCH 1 BODY[HEADER.FIELDS  ( From  To )]\r\n",
		"a FETCH 1 FLAGS  ( CHANGEDSINCE  5 ) \r\n", "a STORE  1  +FLAGS  ( \\Seen  \\Draft ) \r\n", "a STORE 1 FLAGS \\Seen  $x \r\n",
		"a STORE 1 ( UNCHANGEDSINCE  5 )  FLAGS ( )\r\n", "a COPY  1  x \r\n", "a UID EXPUNGE  1 \r\n",
		"a SEARCH ALL \r\n", "a SEARCH  RETURN  ( MIN  MAX )  CHARSET  UTF-8  ( OR  SEEN  FROM  x )  UID  1 \r\n", "a SEARCH RETURN ( ) ALL\r\n",

		/* Macros within a list. */
		"a FETCH 1 (ALL)\r\n", "a FETCH 1 (fast UID)\r\n", "a FETCH 1 (UID FULL BODY[])\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check(rows[i], PARSE_OK);
}

static void
test_bad_commands(void **state)
{
	static const char *const rows[] = {
		"\r\n", "a\r\n", "a \r\n", "  NOOP\r\n", "+ NOOP\r\n", "a FROB\r\n", "a UID\r\n", "a UID NOOP\r\n",
		"a NOOP x\r\n", "a LOGIN\r\n", "a LOGIN x\r\n", "a LOGIN x \r\n",
		"a LOGIN x y z\r\n", "a LOGIN x {1\r\n", "a LOGIN \"x y\r\n", "a LOGIN (x) y\r\n",
		"a AUTHENTICATE\r\n", "a AUTHENTICATE PLAIN a_b\r\n", "a AUTHENTICATE PLAIN A B\r\n",
		"a ID\r\n", "a ID (\"name\")\r\n", "a ID (NIL NIL)\r\n", "a ID x\r\n",
		"a ENABLE\r\n", "a ENABLE \r\n", "a SELECT\r\n", "a SELECT x y\r\n", "a SELECT x ()\r\n", "a SELECT x (FOO)\r\n",
		"a SELECT x (QRESYNC)\r\n", "a SELECT x (QRESYNC (0 1))\r\n", "a SELECT x (QRESYNC (1 1 1:*))\r\n",
		"a SELECT x (QRESYNC (1 1 (1)))\r\n", "a SELECT x (QRESYNC (1 1) QRESYNC (1 1))\r\n", "a SELECT *\r\n",
		"a CREATE\r\n", "a CREATE x (USE \\Sent)\r\n", "a CREATE x (FOO (y))\r\n", "a DELETE\r\n", "a RENAME x\r\n",
		"a SUBSCRIBE\r\n", "a LIST\r\n", "a LIST \"\"\r\n", "a LIST * *\r\n", "a LIST \"\" * x\r\n", "a LIST \"\" ()\r\n",
		"a LIST (RECURSIVEMATCH) \"\" *\r\n", "a LIST (RECURSIVEMATCH REMOTE) \"\" *\r\n", "a LIST (FOO) \"\" *\r\n",
		"a LIST \"\" * RETURN (FOO)\r\n", "a LIST \"\" * RETURN (STATUS)\r\n", "a LIST \"\" * RETURN (STATUS ())\r\n",
		"a LSUB \"\" (a b)\r\n", "a STATUS x\r\n", "a STATUS x ()\r\n", "a STATUS x (FOO)\r\n", "a STATUS x MESSAGES\r\n",
		"a APPEND x\r\n", "a APPEND x y\r\n", "a APPEND x \"z\" {1}\r\n", "a APPEND x (\\Seen {1}\r\n", "a APPEND x {x}\r\n",
		"a UID EXPUNGE\r\n", "a EXPUNGE 1\r\n", "a FETCH 1\r\n", "a FETCH 1 ()\r\n", "a FETCH x FLAGS\r\n", "a FETCH 1 FOO\r\n",
		"a FETCH 1 FLAGS UID\r\n", "a FETCH 1 BODY[\r\n",
		"a FETCH 1 BODY[MIME]\r\n", "a FETCH 1 BODY[0]\r\n", "a FETCH 1 BODY[1.]\r\n", "a FETCH 1 BODY[HEADER.FIELDS]\r\n",
		"a FETCH 1 BODY[HEADER.FIELDS ()]\r\n", "a FETCH 1 BODY[]<0>\r\n", "a FETCH 1 BODY[]<0.0>\r\n", "a FETCH 1 BODY.PEEK\r\n",
		"a FETCH 1 BODYSTRUCTURE[]\r\n", "a FETCH 1 FLAGS (FOO 1)\r\n", "a FETCH 1 FLAGS (CHANGEDSINCE)\r\n",
		"a FETCH 1,0 FLAGS\r\n", "a STORE 1 FLAGS\r\n", "a STORE 1 FOO (x)\r\n", "a STORE 1 *FLAGS (x)\r\n",
		"a STORE 1 (UNCHANGEDSINCE) FLAGS ()\r\n", "a STORE 1 FLAGS (\\)\r\n", "a COPY 1\r\n", "a COPY x y\r\n",
		"a SEARCH\r\n", "a SEARCH FOO\r\n", "a SEARCH ()\r\n", "a SEARCH (ALL\r\n", "a SEARCH OR SEEN\r\n", "a SEARCH NOT\r\n",
		"a SEARCH SINCE tomorrow\r\n", "a SEARCH LARGER x\r\n", "a SEARCH RETURN (SAVE) ALL\r\n", "a SEARCH RETURN (FOO) ALL\r\n",
		"a SEARCH RETURN ()\r\n", "a SEARCH CHARSET UTF-8\r\n", "a SEARCH MODSEQ \"x\" all 1\r\n", "a SEARCH MODSEQ \"/flags/x\" foo 1\r\n",
		"a LOGIN ~{5}\r\n", "a LOGIN {5} \r\nalice x\r\n", "a LOGIN x~{5}\r\n", "a SELECT ~{5}\r\nINBOX\r\n", "a APPEND x ~{5}\r\n", "a NOOP {5}\r\n",
		"a SELECT j\xc3\xbcrgen\r\n", "a\tNOOP\r\n", "a SELECT\tINBOX\r\n", "a LIST \"\"*\r\n", "a FETCH 1(FLAGS)\r\n", "a FETCH 1 (FLAGS)(CHANGEDSINCE 5)\r\n",
		"a FETCH 1 (FLAGS(UID))\r\n", "a FETCH 1 ALL UID\r\n", "a FETCH 1 (\r\n", "a FETCH 1 ( )\r\n", "a SELECT x (QRESYNC (1 2 3 4))\r\n",
		"a SEARCH OLDER 0\r\n", "a SEARCH KEYWORD \\Seen\r\n", "a SEARCH 1:\r\n", "a SEARCH $\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check(rows[i], PARSE_BAD);
}

/* `count` times `text`, then `end`. */
static char *
repeated(const char *begin, const char *text, size_t count, const char *end)
{
	struct buf b;

	buf_init(&b, 0);
	buf_str(&b, begin);
	for (size_t i = 0; i < count; i++)
		buf_str(&b, text);
	buf_str(&b, end);
	return buf_detach(&b, NULL);
}

static void
check_limit(const char *begin, const char *text, size_t count, const char *end, enum parse expected)
{
	char *command = repeated(begin, text, count, end);
	const char *error;
	enum parse result = parse_command(span_str(command), &error);

	if (result != expected)
		fail_msg("%s%s... %zu times gave %d: %s", begin, text, count, result, error);
	free(command);
}

static void
test_limits(void **state)
{
	(void)state;
	check_limit("a SEARCH ", "NOT ", IMAP_MAX_DEPTH - 1, "SEEN\r\n", PARSE_OK);
	check_limit("a SEARCH ", "NOT ", IMAP_MAX_DEPTH, "SEEN\r\n", PARSE_BAD);
	check_limit("a SEARCH ", "(", 10000, "\r\n", PARSE_BAD);
	check_limit("a SEARCH ", "OR SEEN ", 10000, "SEEN\r\n", PARSE_BAD);
	check_limit("a SEARCH ", "SEEN ", IMAP_MAX_SEARCH_KEYS - 1, "SEEN\r\n", PARSE_OK);
	check_limit("a SEARCH ", "SEEN ", IMAP_MAX_SEARCH_KEYS, "SEEN\r\n", PARSE_BAD);
	check_limit("a FETCH 1 BODY[1", ".1", 127, "]\r\n", PARSE_OK);
	check_limit("a FETCH 1 BODY[1", ".1", 128, "]\r\n", PARSE_BAD);
	check_limit("a FETCH 1 (FLAGS", " FLAGS", 10000, ")\r\n", PARSE_OK);
	check_limit("a ID (", "\"a\" NIL ", 31, "\"b\" \"c\")\r\n", PARSE_BAD);
	check_limit("a LIST \"\" (x", " x", 59, ")\r\n", PARSE_OK);
	check_limit("a LIST \"\" (x", " x", 60, ")\r\n", PARSE_BAD);
}

static void
test_every_command_is_found(void **state)
{
	(void)state;
	for (const struct imap_command *c = imap_commands; c->name; c++) {
		char name[32];
		size_t len = strlen(c->name);
		for (size_t i = 0; i <= len; i++)
			name[i] = ascii_lower(c->name[i]);
		if (imap_command_find(span_str(name)) != c)
			fail_msg("%s is found twice or not at all", c->name);
		assert_non_null(c->ops->start);
	}
	assert_null(imap_command_find(SPAN_LIT("UID  FETCH")));
	assert_null(imap_command_find(SPAN_LIT("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_commands),
		cmocka_unit_test(test_bad_commands),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_every_command_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
