/*
 * encoded_word_fuzz.c - whatever a header says, UTF-8 comes out
 *
 * seeds: field subject
 */
#include "base/panic.h"
#include "mail/encoded_word.h"
#include "mail/needle.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* iconv's converters are as the system has them; a NUL is a character for them. */
static bool
is_utf8(struct span s)
{
	while (s.at) {
		if (!utf8_valid(span_cut(&s, '\0'), SIZE_MAX))
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = span_of(data, size);
	struct arena a;
	struct buf out;

	arena_init(&a, 0);
	buf_init(&out, 0);
	encoded_word_decode(value, &out);
	assert_that(is_utf8(buf_view(&out)));
	const struct needle *n = needle_new(&a, span_head(value, size % 7));
	(void)needle_in_field(n, value);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
