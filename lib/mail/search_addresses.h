/*
 * search_addresses - is this text in an address of that field? (FROM, TO, CC, BCC of SEARCH, RFC 9051 6.4.4)
 *
 * These keys search the envelope's structure, not the field as it was written: for each address
 * its name, decoded, and local@domain, put together as "name <local@domain>"; for each group its name.
 * So comments and folding within an address do not hide it, and are not found themselves.
 */
#ifndef MAIL_SEARCH_ADDRESSES_H
#define MAIL_SEARCH_ADDRESSES_H

#include "base/arena.h"
#include "mail/needle.h"

/*
 * Some field called `name` has an address that holds the needle. An empty needle asks whether the field exists.
 * `scratch` takes addresses while they are needed, up to some times the field's size; the caller resets it. As with
 * ENVELOPE, addresses beyond ENVELOPE_MAX_ADDRESSES of a field do not count, nor what is beyond its first MiB.
 */
bool search_addresses(const struct needle *n, struct arena *scratch, struct span header, struct span name);

#endif
