/*
 * identity.c - the text of the file posthouse-mailbox
 */
#include "storesvc/mailbox/identity.h"

#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/clock.h"
#include "base/panic.h"

#define FIRST_LINE "posthouse-mailbox 2"
#define FIRST_LINE_BEFORE "posthouse-mailbox 1"	/* floors among the other lines, no slots, no copy */
#define UID_MARGIN 100000
#define MODSEQ_MARGIN (UINT64_C(1) << 24)

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
	identity->certain = true;
}

/* In a mailbox MODSEQs count changes, and nothing changes a thousand times a second for years. */
void
identity_raise_floors(struct identity *identity)
{
	uint64_t by_clock = (uint64_t)clock_wall_s() << 10;

	identity->uid_floor = identity->uid_floor < UINT32_MAX - UID_MARGIN ? identity->uid_floor + UID_MARGIN : UINT32_MAX;
	identity->modseq_floor += MODSEQ_MARGIN;
	if (identity->modseq_floor < by_clock)
		identity->modseq_floor = by_clock;
	identity->clean = false;
}

static void
print_word(struct buf *out, const char *name, const char *value)
{
	if (value[0])
		buf_printf(out, "%s %s\n", name, value);
}

/* Newlines up to a multiple of `size` bytes. */
static void
fill_up(struct buf *out, size_t size)
{
	while (out->len % size)
		buf_char(out, '\n');
}

/* A slot of one mailbox is none of another. */
static uint64_t
slot_sum(struct span text, const char *tag)
{
	return XXH3_64bits_withSeed(text.at, text.len, XXH3_64bits(tag, strlen(tag)));
}

void
identity_print_slot(const struct identity *identity, struct buf *out)
{
	size_t start = out->len;

	buf_printf(out, "floors %llu\nuid-floor %u\nmodseq-floor %llu\nrecent-from %u\n",
	    (unsigned long long)identity->serial, identity->uid_floor,
	    (unsigned long long)identity->modseq_floor, identity->recent_from);
	print_word(out, "clean", identity->clean ? "yes" : "");
	if (identity->seen_inode)
		buf_printf(out, "seen %llu %lld\n", (unsigned long long)identity->seen_inode,
		    (long long)identity->seen_ctime_ns);
	uint64_t sum = slot_sum(span_of(out->at + start, out->len - start), identity->tag);
	buf_printf(out, "sum %016llx\n", (unsigned long long)sum);
	while (out->len - start < IDENTITY_SLOT_SIZE)
		buf_char(out, '\n');
}

void
identity_print(const struct identity *identity, struct buf *out, size_t *slots_at)
{
	buf_str(out, FIRST_LINE "\n");
	print_word(out, "id", identity->id);
	print_word(out, "tag", identity->tag);
	buf_printf(out, "uidvalidity %u\n", identity->uidvalidity);
	print_word(out, "special-use", identity->special_use);
	print_word(out, "created-by", identity->created_by);
	print_word(out, "taking-over", identity->taking_over ? "yes" : "");
	for (size_t i = 0; i < identity->keywords.count; i++) {
		if (identity->keywords.names[i])
			buf_printf(out, "keyword %zu %s\n", i, identity->keywords.names[i]);
	}
	buf_str(out, "end\n");
	fill_up(out, IDENTITY_SLOT_SIZE);
	*slots_at = out->len;
	identity_print_slot(identity, out);
	identity_print_slot(identity, out);
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

	if (!span_number(number, KEYWORD_NUMBERS - 1, &index) || !keyword_valid(value))
		return false;
	if (keywords_find(keywords, value) >= 0 ||
	    (index < keywords->count && keywords->names[index]))
		return false;
	keywords_set(keywords, (uint32_t)index, value);
	return true;
}

/* "INODE CTIME" */
static bool
take_seen(struct identity *out, struct span value)
{
	struct span inode = span_cut(&value, ' ');
	uint64_t ctime_ns;

	if (!span_number(inode, UINT64_MAX, &out->seen_inode) || !span_number(value, INT64_MAX, &ctime_ns))
		return false;
	out->seen_ctime_ns = (int64_t)ctime_ns;
	return true;
}

/* The lines of a slot, and of a file of the first version. */
static bool
take_floor(struct span name, struct span value, struct identity *out)
{
	if (span_eq(name, SPAN_LIT("floors")))
		return span_number(value, INT64_MAX, &out->serial);
	if (span_eq(name, SPAN_LIT("uid-floor")))
		return take_number(value, UINT32_MAX, &out->uid_floor);
	if (span_eq(name, SPAN_LIT("modseq-floor")))
		return span_number(value, INT64_MAX, &out->modseq_floor) && out->modseq_floor > 0;
	if (span_eq(name, SPAN_LIT("recent-from")))
		return take_number(value, UINT32_MAX, &out->recent_from);
	if (span_eq(name, SPAN_LIT("seen")))
		return take_seen(out, value);
	if (span_eq(name, SPAN_LIT("clean")))
		out->clean = span_eq(value, SPAN_LIT("yes"));
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
	if (span_eq(name, SPAN_LIT("special-use")))
		return take_word(out->special_use, sizeof(out->special_use), value, false);
	if (span_eq(name, SPAN_LIT("created-by")))
		return take_word(out->created_by, sizeof(out->created_by), value, false);
	if (span_eq(name, SPAN_LIT("keyword")))
		return take_keyword(&out->keywords, value);
	if (span_eq(name, SPAN_LIT("taking-over")))
		out->taking_over = span_eq(value, SPAN_LIT("yes"));
	return true;
}

/* False: torn, or never one of this mailbox. */
static bool
parse_slot(struct span slot, const char *tag, struct identity *out)
{
	struct span rest = slot;
	struct identity floors = { 0 };

	while (rest.at) {
		size_t before = slot.len - rest.len;
		struct span line = span_cut(&rest, '\n');
		struct span name = span_cut(&line, ' ');
		char wanted[20];
		if (span_eq(name, SPAN_LIT("sum"))) {
			snprintf(wanted, sizeof(wanted), "%016llx",
			    (unsigned long long)slot_sum(span_head(slot, before), tag));
			*out = floors;
			return span_eq(line, span_str(wanted)) && floors.uid_floor && floors.modseq_floor && floors.recent_from;
		}
		if (!take_floor(name, line, &floors))
			return false;
	}
	return false;
}

static void
adopt_floors(struct identity *out, const struct identity *floors)
{
	out->serial = floors->serial;
	out->uid_floor = floors->uid_floor;
	out->modseq_floor = floors->modseq_floor;
	out->recent_from = floors->recent_from;
	out->clean = floors->clean;
	out->seen_inode = floors->seen_inode;
	out->seen_ctime_ns = floors->seen_ctime_ns;
}

/* The newer of two; with one of them damaged it may have been the newer. */
static bool
parse_slots(struct span slots, struct identity *out)
{
	struct identity floors[2];
	bool whole[2];

	if (slots.len != (size_t)2 * IDENTITY_SLOT_SIZE)
		return false;
	for (size_t i = 0; i < 2; i++)
		whole[i] = parse_slot(span_head(span_skip(slots, i * IDENTITY_SLOT_SIZE), IDENTITY_SLOT_SIZE), out->tag, &floors[i]);
	if (!whole[0] && !whole[1])
		return false;
	adopt_floors(out, &floors[!whole[0] || (whole[1] && floors[1].serial > floors[0].serial)]);
	out->certain = whole[0] && whole[1];
	return true;
}

bool
identity_parse(struct span text, struct identity *out)
{
	struct span all = text, line = span_cut(&text, '\n');
	bool before = span_eq(line, SPAN_LIT(FIRST_LINE_BEFORE)), ended = false;

	*out = (struct identity){ .certain = before };
	if (!before && !span_eq(line, SPAN_LIT(FIRST_LINE)))
		return false;
	while (text.at && !ended) {
		line = span_cut(&text, '\n');
		ended = span_eq(line, SPAN_LIT("end"));
		struct span name = span_cut(&line, ' ');
		if (!take_line(name, line, out) || (before && !take_floor(name, line, out)))
			break;
	}
	bool fits = ended && out->id[0] && out->tag[0] && out->uidvalidity;
	if (fits && !before) {
		size_t end = all.len - text.len;
		out->slots_at = end + (-end % IDENTITY_SLOT_SIZE);
		fits = out->slots_at <= all.len && parse_slots(span_skip(all, out->slots_at), out);
	}
	if (fits && out->uid_floor && out->modseq_floor) {
		out->recent_from = out->recent_from ? out->recent_from : 1;
		return true;
	}
	identity_release(out);
	return false;
}
