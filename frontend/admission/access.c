/*
 * access.c - the access file
 *
 * Rules are kept by network. To find one, the networks that an address lies in are looked up, from the longest
 * prefix that occurs to the shortest: as many steps as there are lengths in the file, however long it is.
 */
#include "frontend/admission/access.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <xxhash.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "frontend/net/network.h"

enum { LARGEST_FILE = 64 << 20, V4_BYTES = 4, V6_WORDS = 8, WORD_DIGITS = 4 };

struct access {
	struct map rules;			/* struct network -> struct access_rule */
	bool lengths[NETWORK_BITS + 1];		/* prefixes of so many bits occur       */
};

/* --- one line --------------------------------------------------------------------------- */

/* "10.1" is 10.1.0.0/16. */
static bool
bytes_parse(struct span key, struct network *out)
{
	struct in6_addr address = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
	unsigned count = 0;
	uint64_t byte;

	for (; key.at; count++) {
		if (count == V4_BYTES || !span_number(span_cut(&key, '.'), UINT8_MAX, &byte))
			return false;
		address.s6_addr[12 + count] = (uint8_t)byte;
	}
	*out = network_of(&address, NETWORK_V4_BITS + 8 * count);
	return true;
}

static int
digit_of(char c)
{
	return ascii_digit(c) ? c - '0' : ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f' ? ascii_lower(c) - 'a' + 10 : -1;
}

/* ":2001:0db8" is 2001:db8::/32. */
static bool
words_parse(struct span key, struct network *out)
{
	struct in6_addr address = { 0 };
	unsigned count = 0;

	for (key = span_skip(key, 1); key.at; count++) {
		struct span word = span_cut(&key, ':');
		unsigned value = 0;
		if (count == V6_WORDS || word.len == 0 || word.len > WORD_DIGITS)
			return false;
		for (size_t i = 0; i < word.len; i++) {
			if (digit_of(word.at[i]) < 0)
				return false;
			value = value << 4 | (unsigned)digit_of(word.at[i]);
		}
		address.s6_addr[2 * count] = (uint8_t)(value >> 8);
		address.s6_addr[2 * count + 1] = (uint8_t)value;
	}
	*out = network_of(&address, 16 * count);
	return true;
}

static bool
key_parse(struct span key, struct network *out)
{
	if (span_eq(key, SPAN_LIT("*"))) {
		*out = (struct network){ 0 };
		return true;
	}
	if (key.len > 1 && key.at[0] == ':' && key.at[1] != ':')
		return words_parse(key, out);
	return bytes_parse(key, out) || network_parse(key, out);
}

bool
access_line_parse(struct span line, struct span *out_key, struct access_rule *out)
{
	struct span rest = line, key = span_trim(span_cut(&rest, '\t'));
	uint64_t number;

	*out_key = span_of("", 0);
	*out = (struct access_rule){ .most = -1 };
	if (key.len == 0 || key.at[0] == '#')
		return span_trim(line).len == 0 || key.len > 0;
	rest = span_trim(rest);
	struct span verdict = span_cut(&rest, ',');
	if (!span_eq_nocase(verdict, SPAN_LIT("allow")) && !span_eq_nocase(verdict, SPAN_LIT("deny")))
		return false;
	out->denied = span_eq_nocase(verdict, SPAN_LIT("deny"));
	while (rest.at) {
		struct span value = span_cut(&rest, ','), name = span_cut(&value, '=');
		if (!span_eq(name, SPAN_LIT("MAXCPERIP")))
			continue;
		if (!span_number(value, INT32_MAX, &number))
			return false;
		out->most = (int64_t)number;
	}
	*out_key = key;
	return true;
}

/* --- files -------------------------------------------------------------------------------- */

static struct span
network_key(const struct network *n, char room[sizeof(n->address) + 1])
{
	memcpy(room, &n->address, sizeof(n->address));
	room[sizeof(n->address)] = (char)n->bits;
	return span_of(room, sizeof(n->address) + 1);
}

static bool
add_line(struct access *a, struct span line)
{
	char room[sizeof(struct in6_addr) + 1];
	struct access_rule rule;
	struct network network;
	struct span key;

	if (!access_line_parse(line, &key, &rule) || (key.len && !key_parse(key, &network)))
		return false;
	if (!key.len)
		return true;
	struct access_rule *kept = mem_alloc(sizeof(*kept));
	*kept = rule;
	free(map_put(&a->rules, network_key(&network, room), kept));
	a->lengths[network.bits] = true;
	return true;
}

static struct status
load_file(void *arg, const char *path)
{
	struct access *a = arg;
	struct status st;
	struct buf text;

	buf_init(&text, LARGEST_FILE);
	st = io_read_path(path, LARGEST_FILE, &text);
	if (!status_ok(st))
		log_error("the access file %s cannot be read: %s", path, strerror(errno));
	struct span rest = buf_view(&text);
	for (unsigned number = 1; status_ok(st) && rest.at; number++) {
		struct span line = span_cut(&rest, '\n');
		if (add_line(a, line))
			continue;
		log_error("%s, line %u: \"%.*s\" is not \"NETWORK<TAB>allow\" or \"deny\"", path, number,
		    (int)line.len, line.at);
		st = status_make(STATUS_INVALID, "The access file makes no sense");
	}
	buf_release(&text);
	return st;
}

static int
is_rule_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && entry->d_name[len - 1] != '~';
}

/* `take` for the file, or for each file of the directory, until one fails. */
static struct status
each_file(const char *path, struct status (*take)(void *arg, const char *path), void *arg)
{
	struct status st = STATUS_FINE;
	struct dirent **entries;
	struct arena arena;

	int count = scandir(path, &entries, is_rule_file, alphasort);
	if (count < 0)
		return take(arg, path);
	arena_init(&arena, 0);
	for (int i = 0; i < count; i++) {
		if (status_ok(st))
			st = take(arg, arena_printf(&arena, "%s/%s", path, entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	arena_release(&arena);
	return st;
}

struct status
access_load(const char *path, struct access **out)
{
	struct access *a = MEM_NEW(struct access);

	map_init(&a->rules);
	struct status st = each_file(path, load_file, a);
	if (status_ok(st))
		*out = a;
	else
		access_free(&a);
	return st;
}

static struct status
mark_file(void *arg, const char *path)
{
	uint64_t *mark = arg;
	struct stat st;

	if (stat(path, &st) < 0)
		return STATUS_FINE;
	uint64_t facts[] = { *mark, st.st_dev, st.st_ino, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec,
		(uint64_t)st.st_mtim.tv_nsec };
	*mark = XXH3_64bits(facts, sizeof(facts));
	return STATUS_FINE;
}

uint64_t
access_mark(const char *path)
{
	uint64_t mark = 0;
	struct status st = each_file(path, mark_file, &mark);

	return status_ok(st) ? mark : 0;
}

void
access_free(struct access **ap)
{
	struct access *a = *ap;
	size_t at = 0;
	void *rule;

	if (!a)
		return;
	*ap = NULL;
	while ((rule = map_next(&a->rules, &at, NULL)))
		free(rule);
	map_release(&a->rules);
	free(a);
}

struct access_rule
access_find(const struct access *a, const struct in6_addr *address)
{
	char room[sizeof(*address) + 1];

	for (unsigned bits = NETWORK_BITS + 1; bits-- > 0;) {
		struct network network = network_of(address, bits);
		const struct access_rule *rule = a->lengths[bits] ? map_find(&a->rules, network_key(&network, room)) : NULL;
		if (rule)
			return *rule;
	}
	return (struct access_rule){ .most = -1 };
}
