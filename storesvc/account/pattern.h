/*
 * pattern - mailbox patterns of LIST (RFC 9051 6.3.9)
 *
 * "*" matches anything, "%" anything but the separator "/". Time grows with pattern
 * times name at most, whatever the pattern.
 */
#ifndef ACCOUNT_PATTERN_H
#define ACCOUNT_PATTERN_H

#include "base/span.h"

/* INBOX as first level matches in any case. */
bool pattern_match(struct span pattern, struct span name);

#endif
