/*
 * takeover.c - the identity of a folder that has no posthouse-mailbox
 */
#include "storesvc/mailbox/takeover.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "mail/uidset.h"
#include "storesvc/fence/fence.h"
#include "storesvc/foreign/uid_lists.h"
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

/* "1.a.host:2,S" -> "1.a.host" */
static struct span
base_of(struct span file)
{
	size_t colon = span_rindex(file, ':');

	return span_starts(span_skip(file, colon), SPAN_LIT(":2,")) ? span_head(file, colon) : file;
}

/* Of two lines with one UID, or of one message, the first counts. */
static bool
parse_list(struct span text, struct uid_list *out)
{
	struct uid_list_head head;
	struct uid_list_line line;
	struct uidset given = { 0 };

	if (!uid_list_begin(&text, &head))
		return false;
	out->uidvalidity = head.uidvalidity;
	out->uidnext = head.uidnext ? head.uidnext : 1;
	while (uid_list_next(&text, &head, &line)) {
		struct span base = base_of(line.file);
		if (uidset_has(&given, line.uid) || map_find(&out->uids, base))
			continue;
		uidset_add(&given, line.uid, line.uid);
		(void)map_put(&out->uids, base, (void *)(uintptr_t)line.uid);
		if (line.uid >= out->uidnext)
			out->uidnext = line.uid + 1;
	}
	uidset_release(&given);
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
give_uid(int dir, struct arena *a, const char *place, struct span file, const struct uid_list *list, const char *tag)
{
	struct maildir_name name;
	char from[512], to[1024];

	maildir_name_parse(file, &name);
	struct span before = name_before(a, &name);
	uint32_t uid = (uint32_t)(uintptr_t)map_find(&list->uids, before);
	if (!uid || before.len > NAME_BASE_MAX)
		return true;		/* unknown to them: a newcomer */
	snprintf(from, sizeof(from), "%s/%.*s", place, (int)file.len, file.at);
	snprintf(to, sizeof(to), "cur/%.*s,U=%u.%s:2,%.*s", (int)before.len, before.at, uid, tag,
	    (int)name.suffix.len, name.suffix.at);
	fence_check();
	if (renameat(dir, from, dir, to) < 0 && errno != ENOENT) {	/* gone: others work here, too */
		log_error("cannot rename a message while taking a folder over: %m");
		return false;
	}
	return true;
}

/* NOT_FOUND: there is none, or none that can be read. UNAVAILABLE will pass: then the UIDs in it are not given up. */
static struct status
read_list(int dir, const char *file, struct uid_list *out)
{
	struct buf text;

	buf_init(&text, 0);
	struct status st = io_read_file(dir, file, LIST_LIMIT, &text);
	if (st.code != STATUS_UNAVAILABLE && (!status_ok(st) || !parse_list(buf_view(&text), out)))
		st = status_make(STATUS_NOT_FOUND, "Nothing to take over");
	buf_release(&text);
	return st;
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
read_lists(int dir, struct uid_list *list)
{
	struct status st = read_list(dir, "dovecot-uidlist", list);

	return st.code == STATUS_NOT_FOUND ? read_list(dir, "courierimapuiddb", list) : st;
}

static bool
rename_listed(int dir, const char *place, const struct listing *files, const struct uid_list *list, const char *tag)
{
	struct arena names;
	bool done = true;

	arena_init(&names, 65536);
	for (size_t i = 0; i < files->count && done; i++)
		done = give_uid(dir, &names, place, files->names[i], list, tag);
	arena_release(&names);
	return done;
}

/*
 * The identity is on disk before the first message bears its tag, and says so until the last one does. Their
 * lists also name messages that nobody has read yet, which are still in new/.
 */
static struct status
rename_all(int dir, const struct listing *cur, const struct uid_list *list, struct identity *identity)
{
	struct listing new;
	struct status st = listing_read(dir, "new", &new);
	bool done = rename_listed(dir, "cur", cur, list, identity->tag) &&
	    (!status_ok(st) || rename_listed(dir, "new", &new, list, identity->tag));

	listing_release(&new);
	if (!done || (!status_ok(st) && st.code != STATUS_NOT_FOUND))
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
	} else if (status_ok(st)) {
		st = read_lists(dir, &list);
		if (status_ok(st))
			st = take_over(dir, &cur, &list, out);
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
	if (status_ok(st))
		st = read_lists(dir, &list);
	/* Without their list the rest are newcomers. */
	if (status_ok(st) || st.code == STATUS_NOT_FOUND) {
		st = rename_all(dir, &cur, &list, identity);
	}
	map_release(&list.uids);
	listing_release(&cur);
	return st;
}
