/*
 * takeover.c - the identity of a folder that has no posthouse-mailbox
 */
#include "storesvc/mailbox/takeover.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/listing.h"
#include "storesvc/maildir/name.h"

#define LIST_LIMIT ((size_t)1 << 30)
#define TAG_LEN 12			/* of our tags: UIDVALIDITY in hex, then four digits */

/* UIDs by base name, from another server's list. */
struct uid_list {
	uint32_t uidvalidity, uidnext;
	struct map uids;		/* base name -> UID as a pointer */
};

/* One of ours? Then *out is the UIDVALIDITY in it. */
static bool
tag_uidvalidity(struct span tag, uint32_t *out)
{
	uint32_t value = 0;

	if (tag.len != TAG_LEN)
		return false;
	for (size_t i = 0; i < TAG_LEN; i++) {
		const char *digit = memchr("0123456789abcdef", tag.at[i], 16);
		if (!digit)
			return false;
		if (i < 8)
			value = value << 4 | (uint32_t)(digit - "0123456789abcdef");
	}
	*out = value;
	return value > 0;
}

/* The tag most messages bear; empty: none of ours. */
static struct span
usual_tag(const struct listing *cur)
{
	struct map counts;
	struct maildir_name name;
	struct span best = { 0 };
	uint32_t uidvalidity;
	uintptr_t most = 0;

	map_init(&counts);
	for (size_t i = 0; i < cur->count; i++) {
		maildir_name_parse(cur->names[i], &name);
		if (!name.uid || !tag_uidvalidity(name.tag, &uidvalidity))
			continue;
		uintptr_t count = (uintptr_t)map_find(&counts, name.tag) + 1;
		(void)map_put(&counts, name.tag, (void *)count);
		if (count > most) {
			most = count;
			best = name.tag;
		}
	}
	map_release(&counts);
	return best;
}

/*
 * Our own mailbox whose file was lost. MODSEQs go on from the clock: in a mailbox
 * they count changes, and nothing changes a million times a second for years.
 */
static bool
recover(const struct listing *cur, struct identity *out)
{
	struct span tag = usual_tag(cur);
	uint32_t uidvalidity;

	if (!tag.len || !tag_uidvalidity(tag, &uidvalidity))
		return false;
	identity_make(out, uidvalidity);
	memcpy(out->tag, tag.at, tag.len);
	out->modseq_floor = (uint64_t)clock_wall_s() << 10;
	log_warn("a posthouse-mailbox was lost: taken from the names of %zu messages", cur->count);
	return true;
}

/* "1 UIDVALIDITY NEXTUID", then "UID BASENAME" a line. */
static bool
parse_courier(struct span text, struct uid_list *out)
{
	struct span line = span_cut(&text, '\n');
	struct span version = span_cut(&line, ' '), validity = span_cut(&line, ' ');
	uint64_t uidvalidity, uidnext, uid;

	if (!span_eq(version, SPAN_LIT("1")) || !span_number(validity, UINT32_MAX, &uidvalidity) ||
	    !span_number(span_trim(line), UINT32_MAX - 1, &uidnext) || !uidvalidity || !uidnext)
		return false;
	while (text.at) {
		line = span_cut(&text, '\n');
		struct span number = span_cut(&line, ' ');
		if (line.len && span_number(number, UINT32_MAX - 2, &uid) && uid > 0) {
			(void)map_put(&out->uids, line, (void *)(uintptr_t)uid);
			if (uid >= uidnext)
				uidnext = uid + 1;
		}
	}
	out->uidvalidity = (uint32_t)uidvalidity;
	out->uidnext = (uint32_t)uidnext;
	return true;
}

/* The header of Dovecot's list: "3 V123 N77 Gab12..." */
static bool
parse_dovecot_header(struct span line, uint64_t *uidvalidity, uint64_t *uidnext)
{
	if (!span_eq(span_cut(&line, ' '), SPAN_LIT("3")))
		return false;
	while (line.at) {
		struct span word = span_cut(&line, ' ');
		if (word.len > 1 && word.at[0] == 'V' && !span_number(span_skip(word, 1), UINT32_MAX, uidvalidity))
			return false;
		if (word.len > 1 && word.at[0] == 'N' && !span_number(span_skip(word, 1), UINT32_MAX - 1, uidnext))
			return false;
	}
	return *uidvalidity && *uidnext;
}

/* Then "UID [key...] :BASENAME" a line. */
static bool
parse_dovecot(struct span text, struct uid_list *out)
{
	uint64_t uidvalidity = 0, uidnext = 0, uid;

	if (!parse_dovecot_header(span_cut(&text, '\n'), &uidvalidity, &uidnext))
		return false;
	while (text.at) {
		struct span line = span_cut(&text, '\n');
		struct span number = span_cut(&line, ' ');
		struct span base = span_skip(line, span_index(line, ':') + 1);
		base = span_head(base, span_index(base, ':'));
		if (base.len && span_number(number, UINT32_MAX - 2, &uid) && uid > 0) {
			(void)map_put(&out->uids, base, (void *)(uintptr_t)uid);
			if (uid >= uidnext)
				uidnext = uid + 1;
		}
	}
	out->uidvalidity = (uint32_t)uidvalidity;
	out->uidnext = (uint32_t)uidnext;
	return true;
}

/* A name as the other server knew it: without the U that an interrupted takeover gave it. */
static struct span
name_before(struct arena *a, const struct maildir_name *name)
{
	size_t at = name->base.len;

	if (!name->uid)
		return name->base;
	while (at > 0 && !span_starts(span_skip(name->base, at), SPAN_LIT(",U=")))
		at--;
	return span_of(arena_strndup(a, name->base.at, at), at);
}

static bool
give_uid(int dir, struct arena *a, struct span file, const struct uid_list *list, const char *tag)
{
	struct maildir_name name;
	char from[512], to[1024];

	maildir_name_parse(file, &name);
	struct span before = name_before(a, &name);
	uint32_t uid = (uint32_t)(uintptr_t)map_find(&list->uids, before);
	if (!uid || before.len > NAME_BASE_MAX)
		return true;		/* unknown to them: a newcomer */
	snprintf(from, sizeof(from), "cur/%.*s", (int)file.len, file.at);
	snprintf(to, sizeof(to), "cur/%.*s,U=%u.%s:2,%.*s", (int)before.len, before.at, uid, tag,
	    (int)name.suffix.len, name.suffix.at);
	fence_check();
	if (renameat(dir, from, dir, to) < 0) {
		log_error("cannot rename a message while taking a folder over: %m");
		return false;
	}
	return true;
}

static bool
read_list(int dir, const char *file, bool (*parse)(struct span text, struct uid_list *out), struct uid_list *out)
{
	struct buf text;

	buf_init(&text, 0);
	bool fits = status_ok(io_read_file(dir, file, LIST_LIMIT, &text)) && parse(buf_view(&text), out);
	buf_release(&text);
	return fits;
}

/* "0 $Forwarded" a line; their index is the letter. */
static void
take_dovecot_keywords(int dir, struct identity *out)
{
	struct buf text;
	uint64_t index;

	buf_init(&text, 0);
	if (status_ok(io_read_file(dir, "dovecot-keywords", 1 << 20, &text))) {
		for (struct span rest = buf_view(&text); rest.at;) {
			struct span line = span_cut(&rest, '\n');
			struct span number = span_cut(&line, ' ');
			if (span_number(number, KEYWORD_LETTERS - 1, &index) && keyword_valid(line) &&
			    keywords_find(&out->keywords, line) < 0 &&
			    (index >= out->keywords.count || !out->keywords.names[index]))
				keywords_set(&out->keywords, (uint32_t)index, line);
		}
	}
	buf_release(&text);
}

static struct status
take_over(int dir, const struct listing *cur, const struct uid_list *list, struct identity *out)
{
	struct arena names;
	bool done = true;

	arena_init(&names, 65536);
	identity_make(out, list->uidvalidity);
	for (size_t i = 0; i < cur->count && done; i++)
		done = give_uid(dir, &names, cur->names[i], list, out->tag);
	out->uid_floor = list->uidnext;
	out->recent_from = list->uidnext;
	arena_release(&names);
	if (!done)
		return status_make(STATUS_UNAVAILABLE, "Storage trouble, try again later");
	take_dovecot_keywords(dir, out);
	log_info("took over a folder with %zu UIDs of another server", list->uids.count);
	return STATUS_FINE;
}

struct status
takeover_identity(int dir, struct identity *out)
{
	struct uid_list list = { 0 };
	struct listing cur;
	struct status st = listing_read(dir, "cur", &cur);

	if (!status_ok(st))
		return st;
	map_init(&list.uids);
	if (read_list(dir, "dovecot-uidlist", parse_dovecot, &list) ||
	    read_list(dir, "courierimapuiddb", parse_courier, &list))
		st = take_over(dir, &cur, &list, out);
	else if (!recover(&cur, out))
		st = status_make(STATUS_NOT_FOUND, "Nothing to take over");
	map_release(&list.uids);
	listing_release(&cur);
	return st;
}
