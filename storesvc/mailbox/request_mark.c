/*
 * request_mark.c - a request id as a part of file names
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "storesvc/mailbox/mailbox_changes.h"

void
request_mark(char out[REQUEST_MARK_MAX], const char *request_id)
{
	out[0] = '\0';
	if (request_id && request_id[0])
		snprintf(out, REQUEST_MARK_MAX, "R%016llx",
		    (unsigned long long)XXH3_64bits(request_id, strlen(request_id)));
}
