/*
 * flagset.c - combinations of flags, interned, and the names of keywords
 */
#include "storesvc/mailbox/flagset.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/panic.h"

/* In the order in which IMAP's grammar lists them. */
static const struct {
	uint64_t bit;
	const char *name;
} system_flags[] = {
	{ FLAG_ANSWERED, "\\Answered" },
	{ FLAG_FLAGGED, "\\Flagged" },
	{ FLAG_DELETED, "\\Deleted" },
	{ FLAG_SEEN, "\\Seen" },
	{ FLAG_DRAFT, "\\Draft" },
};

void
keywords_release(struct keywords *k)
{
	for (size_t i = 0; i < k->count; i++)
		free(k->names[i]);
	free(k->names);
	*k = (struct keywords){ 0 };
}

int64_t
keywords_find(const struct keywords *k, struct span name)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->names[i] && span_eq_nocase(span_str(k->names[i]), name))
			return (int64_t)i;
	}
	return -1;
}

void
keywords_set(struct keywords *k, uint32_t index, struct span name)
{
	while (k->count <= index) {
		MEM_GROW(k->names, k->count, &k->room);
		k->names[k->count++] = NULL;
	}
	assert_that(!k->names[index]);
	k->names[index] = mem_strndup(name.at, name.len);
}

bool
keyword_valid(struct span name)
{
	if (name.len == 0 || name.len > 200)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.at[i];
		/* atom-specials, RFC 9051 section 9 */
		if (c <= 0x20 || c >= 0x7f || strchr("(){%*\"\\]", c))
			return false;
	}
	return true;
}

static struct span
value_of(struct buf *key, uint64_t letters, const uint32_t *high, size_t count)
{
	buf_add(key, &letters, sizeof(letters));
	if (count)
		buf_add(key, high, count * sizeof(*high));
	return buf_view(key);
}

static void
add_word(struct buf *text, const char *word)
{
	if (text->len)
		buf_char(text, ' ');
	buf_str(text, word);
}

static void
add_keyword(struct buf *text, const struct keywords *names, uint32_t index)
{
	if (index < names->count && names->names[index])
		add_word(text, names->names[index]);
}

static char *
render(const struct flagset *set, const struct keywords *names, size_t *out_len)
{
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < sizeof(system_flags) / sizeof(system_flags[0]); i++) {
		if (set->letters & system_flags[i].bit)
			add_word(&text, system_flags[i].name);
	}
	for (uint32_t i = 0; i < KEYWORD_LETTERS; i++) {
		if (set->letters & FLAG_KEYWORD(i))
			add_keyword(&text, names, i);
	}
	for (size_t i = 0; i < set->high_count; i++)
		add_keyword(&text, names, set->high[i]);
	return buf_detach(&text, out_len);
}

static void
write_suffix(struct flagset *set)
{
	size_t n = 0;

	for (int bit = 0; bit < 52; bit++) {
		if (set->letters >> bit & 1)
			set->suffix[n++] = (char)(bit < 26 ? 'A' + bit : 'a' + bit - 26);
	}
	set->suffix[n] = '\0';
}

void
flagsets_init(struct flagsets *f)
{
	static const struct keywords none;

	*f = (struct flagsets){ 0 };
	map_init(&f->by_value);
	(void)flagsets_intern(f, &none, 0, NULL, 0);
}

void
flagsets_release(struct flagsets *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free((void *)f->sets[i]->high);
		free((void *)f->sets[i]->text);
		free(f->sets[i]);
	}
	free(f->sets);
	map_release(&f->by_value);
	*f = (struct flagsets){ 0 };
}

/* Map values cannot be NULL, so they hold index + 1. */
uint32_t
flagsets_intern(struct flagsets *f, const struct keywords *names, uint64_t letters,
    const uint32_t *high, size_t high_count)
{
	struct buf key;

	buf_init(&key, 0);
	struct span value = value_of(&key, letters, high, high_count);
	uintptr_t found = (uintptr_t)map_find(&f->by_value, value);
	if (!found) {
		struct flagset *set = MEM_NEW(struct flagset);
		set->letters = letters;
		set->high_count = high_count;
		if (high_count) {
			uint32_t *copy = mem_alloc(high_count * sizeof(*high));
			memcpy(copy, high, high_count * sizeof(*high));
			set->high = copy;
		}
		set->text = render(set, names, &set->text_len);
		write_suffix(set);
		MEM_GROW(f->sets, f->count, &f->room);
		f->sets[f->count++] = set;
		found = f->count;
		(void)map_put(&f->by_value, value, (void *)found);
	}
	buf_release(&key);
	return (uint32_t)(found - 1);
}

bool
flagset_has_keyword(const struct flagset *set, uint32_t index)
{
	if (index < KEYWORD_LETTERS)
		return set->letters & FLAG_KEYWORD(index);
	for (size_t i = 0; i < set->high_count; i++) {
		if (set->high[i] == index)
			return true;
	}
	return false;
}

uint64_t
flag_letters(struct span suffix)
{
	uint64_t letters = 0;

	for (size_t i = 0; i < suffix.len; i++) {
		char c = suffix.at[i];
		if (c >= 'A' && c <= 'Z')
			letters |= FLAG_LETTER(c);
		else if (c >= 'a' && c <= 'z')
			letters |= FLAG_KEYWORD(c - 'a');
	}
	return letters;
}
