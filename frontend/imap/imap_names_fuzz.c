/*
 * imap_names_fuzz.c - any bytes as a mailbox name
 *
 * The first byte chooses the settings. A name that is accepted has a canonical form that
 * could be no path upwards, and what is shown for it leads back to it.
 */
#include "base/panic.h"
#include "frontend/imap/imap_names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_levels(const char *canonical)
{
	for (struct span rest = span_str(canonical); rest.at;)
		assert_that(span_cut(&rest, '/').len != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct { const char *prefix, *separator; } settings[] = {
		{ "", "/" }, { "", "." }, { "INBOX/", "/" }, { "INBOX.", "." }
	};
	struct imap_names names;
	struct span visible, in;
	char *canonical, *again, *pattern;
	struct arena a;

	if (size == 0)
		return 0;
	in = span_of(data + 1, size - 1);
	arena_init(&a, 0);
	assert_that(imap_names_init(&names, settings[data[0] % 4].prefix, settings[data[0] % 4].separator));
	if (status_ok(imap_names_canonical(&names, &a, in, &canonical))) {
		check_levels(canonical);
		assert_that(imap_names_visible(&names, &a, canonical, &visible));
		assert_that(status_ok(imap_names_canonical(&names, &a, visible, &again)));
		assert_that(strcmp(again, canonical) == 0);
		assert_that(!imap_names_is_plain(visible) || imap_names_match(&names, visible, visible));
	}
	(void)imap_names_match(&names, in, SPAN_LIT("INBOX"));
	for (int below = 0; below < 2; below++)
		if (imap_names_pattern(&names, &a, in, below, &pattern))
			assert_that(pattern[0] != '\0' || in.len <= names.prefix.len);
	arena_release(&a);
	return 0;
}
