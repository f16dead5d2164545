/*
 * identity.c - the file posthouse-mailbox
 */
#include "storesvc/mailbox/identity.h"

#include <sys/random.h>

#include "base/io.h"
#include "base/log.h"
#include "base/panic.h"
#include "storesvc/fence/fence.h"

#define FIRST_LINE "posthouse-mailbox 1"
#define FILE_LIMIT ((size_t)16 << 20)
#define INDEX_MAX 1000000		/* more keywords than this are nobody's wish */

void
identity_release(struct identity *identity)
{
	keywords_release(&identity->keywords);
}

void
identity_make(struct identity *identity, uint32_t uidvalidity)
{
	uint64_t random[2];

	assert_that(getrandom(random, sizeof(random), 0) == sizeof(random));
	*identity = (struct identity){ 0 };
	snprintf(identity->id, sizeof(identity->id), "M%08x%016llx", uidvalidity, (unsigned long long)random[0]);
	snprintf(identity->tag, sizeof(identity->tag), "%08x%04x", uidvalidity, (unsigned)(random[1] & 0xffff));
	identity->uidvalidity = uidvalidity;
	identity->uid_floor = 1;
	identity->modseq_floor = 1;
	identity->recent_from = 1;
}

static void
print_word(struct buf *out, const char *name, const char *value)
{
	if (value[0])
		buf_printf(out, "%s %s\n", name, value);
}

void
identity_print(const struct identity *identity, struct buf *out)
{
	buf_str(out, FIRST_LINE "\n");
	print_word(out, "id", identity->id);
	print_word(out, "tag", identity->tag);
	buf_printf(out, "uidvalidity %u\nuid-floor %u\nmodseq-floor %llu\nrecent-from %u\n",
	    identity->uidvalidity, identity->uid_floor, (unsigned long long)identity->modseq_floor,
	    identity->recent_from);
	print_word(out, "special-use", identity->special_use);
	print_word(out, "created-by", identity->created_by);
	for (size_t i = 0; i < identity->keywords.count; i++) {
		if (identity->keywords.names[i])
			buf_printf(out, "keyword %zu %s\n", i, identity->keywords.names[i]);
	}
	print_word(out, "clean", identity->clean ? "yes" : "");
	buf_str(out, "end\n");
}

/* Words that become part of names: letters, digits and a few harmless signs. */
static bool
take_word(char *to, size_t room, struct span value, bool plain)
{
	if (value.len == 0 || value.len >= room)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		bool letter = ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
		if (c < 0x21 || c > 0x7e || (plain && !letter))
			return false;
	}
	memcpy(to, value.at, value.len);
	to[value.len] = '\0';
	return true;
}

static bool
take_number(struct span value, uint64_t max, uint32_t *out)
{
	uint64_t n;

	if (!span_number(value, max, &n) || n == 0)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* "3 $Label1" */
static bool
take_keyword(struct keywords *keywords, struct span value)
{
	struct span number = span_cut(&value, ' ');
	uint64_t index;

	if (!span_number(number, INDEX_MAX, &index) || !keyword_valid(value))
		return false;
	if (keywords_find(keywords, value) >= 0 ||
	    (index < keywords->count && keywords->names[index]))
		return false;
	keywords_set(keywords, (uint32_t)index, value);
	return true;
}

/* Lines of later versions are passed over. */
static bool
take_line(struct span name, struct span value, struct identity *out)
{
	if (span_eq(name, SPAN_LIT("id")))
		return take_word(out->id, sizeof(out->id), value, true);
	if (span_eq(name, SPAN_LIT("tag")))
		return take_word(out->tag, sizeof(out->tag), value, true);
	if (span_eq(name, SPAN_LIT("uidvalidity")))
		return take_number(value, UINT32_MAX, &out->uidvalidity);
	if (span_eq(name, SPAN_LIT("uid-floor")))
		return take_number(value, UINT32_MAX, &out->uid_floor);
	if (span_eq(name, SPAN_LIT("modseq-floor")))
		return span_number(value, INT64_MAX, &out->modseq_floor) && out->modseq_floor > 0;
	if (span_eq(name, SPAN_LIT("recent-from")))
		return take_number(value, UINT32_MAX, &out->recent_from);
	if (span_eq(name, SPAN_LIT("special-use")))
		return take_word(out->special_use, sizeof(out->special_use), value, false);
	if (span_eq(name, SPAN_LIT("created-by")))
		return take_word(out->created_by, sizeof(out->created_by), value, false);
	if (span_eq(name, SPAN_LIT("keyword")))
		return take_keyword(&out->keywords, value);
	if (span_eq(name, SPAN_LIT("clean")))
		out->clean = span_eq(value, SPAN_LIT("yes"));
	return true;
}

bool
identity_parse(struct span text, struct identity *out)
{
	struct span line = span_cut(&text, '\n');
	bool ended = false;

	*out = (struct identity){ 0 };
	if (!span_eq(line, SPAN_LIT(FIRST_LINE)))
		return false;
	while (text.at && !ended) {
		line = span_cut(&text, '\n');
		if (span_eq(line, SPAN_LIT("end"))) {
			ended = true;
			continue;
		}
		struct span name = span_cut(&line, ' ');
		if (!take_line(name, line, out))
			break;
	}
	if (ended && out->id[0] && out->tag[0] && out->uidvalidity && out->uid_floor && out->modseq_floor)
		return true;
	identity_release(out);
	return false;
}

struct status
identity_read(int dir, struct identity *out)
{
	struct buf text;

	buf_init(&text, 0);
	struct status st = io_read_file(dir, IDENTITY_FILE, FILE_LIMIT, &text);
	if (status_ok(st) && !identity_parse(buf_view(&text), out)) {
		log_error("a %s is damaged", IDENTITY_FILE);
		st = status_make(STATUS_CORRUPT, "The mailbox's identity is damaged");
	}
	buf_release(&text);
	return st;
}

struct status
identity_write(int dir, const struct identity *identity)
{
	struct buf text;

	buf_init(&text, 0);
	identity_print(identity, &text);
	fence_check();
	struct status st = io_replace_file(dir, IDENTITY_FILE, buf_view(&text), 0600);
	buf_release(&text);
	return st;
}
