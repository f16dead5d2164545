/*
 * takeover.c - the identity of a folder that has no posthouse-mailbox
 */
#include "storesvc/mailbox/takeover.h"

#include <unistd.h>

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

/* Does any message bear a UID that one of our mailboxes gave it? */
static bool
bears_our_tag(const struct listing *cur)
{
	struct maildir_name name;
	uint32_t uidvalidity;

	for (size_t i = 0; i < cur->count; i++) {
		maildir_name_parse(cur->names[i], &name);
		if (name.uid && tag_uidvalidity(name.tag, &uidvalidity))
			return true;
	}
	return false;
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

static bool
read_lists(int dir, struct uid_list *list)
{
	return read_list(dir, "dovecot-uidlist", parse_dovecot, list) ||
	    read_list(dir, "courierimapuiddb", parse_courier, list);
}

/* The identity is on disk before the first message bears its tag, and says so until the last one does. */
static struct status
rename_all(int dir, const struct listing *cur, const struct uid_list *list, struct identity *identity)
{
	struct arena names;
	bool done = true;

	arena_init(&names, 65536);
	for (size_t i = 0; i < cur->count && done; i++)
		done = give_uid(dir, &names, cur->names[i], list, identity->tag);
	arena_release(&names);
	if (!done)
		return status_make(STATUS_UNAVAILABLE, "Storage trouble, try again later");
	log_info("took over a folder with %zu UIDs of another server", list->uids.count);
	identity->taking_over = false;
	return identity_write(dir, identity);
}

static struct status
take_over(int dir, const struct listing *cur, const struct uid_list *list, struct identity *out)
{
	if (list->uidnext > IDENTITY_UID_LIMIT) {
		log_warn("a list of another server has used up its UIDs: the folder gets a new UIDVALIDITY");
		return status_make(STATUS_NOT_FOUND, "Nothing to take over");
	}
	identity_make(out, list->uidvalidity);
	out->uid_floor = list->uidnext;
	out->recent_from = list->uidnext;
	out->taking_over = true;
	take_dovecot_keywords(dir, out);
	struct status st = identity_write(dir, out);
	if (status_ok(st))
		st = rename_all(dir, cur, list, out);
	if (!status_ok(st))
		identity_release(out);
	return st;
}

struct status
takeover_identity(int dir, struct identity *out)
{
	struct uid_list list = { 0 };
	struct listing cur;
	struct status st = listing_read(dir, "cur", &cur);

	map_init(&list.uids);
	if (status_ok(st) && bears_our_tag(&cur)) {
		/* What UIDs were given after those that are seen, nobody knows; their lists least of all. */
		log_warn("a posthouse-mailbox was lost with its copy: the folder gets a new UIDVALIDITY");
		st = status_make(STATUS_NOT_FOUND, "Nothing to take over");
	} else if (status_ok(st) && read_lists(dir, &list)) {
		st = take_over(dir, &cur, &list, out);
	} else if (status_ok(st)) {
		st = status_make(STATUS_NOT_FOUND, "Nothing to take over");
	}
	map_release(&list.uids);
	listing_release(&cur);
	return st;
}

struct status
takeover_resume(int dir, struct identity *identity)
{
	struct uid_list list = { 0 };
	struct listing cur;
	struct status st = listing_read(dir, "cur", &cur);

	map_init(&list.uids);
	if (status_ok(st)) {
		/* Without their list the rest are newcomers. */
		(void)read_lists(dir, &list);
		st = rename_all(dir, &cur, &list, identity);
	}
	map_release(&list.uids);
	listing_release(&cur);
	return st;
}
