/*
 * uid_lists - the lists of UIDs that Dovecot and Courier keep in a folder
 *
 *	dovecot-uidlist		3 V777000 N20 Gabcdef
 *				7 P12:34 W17 :1500000001.M1P1.host,S=5
 *	courierimapuiddb	1 777000 20
 *				7 1500000001.M1P1.host,S=5
 *
 * Dovecot has also written the second form. Either file may be in either form. Lines that cannot be
 * read are passed over, the others count; of two lines with one UID, or one name, the first counts.
 *
 *	struct span rest = text;
 *	if (uid_list_begin(&rest, &head))
 *		while (uid_list_next(&rest, &head, &line))
 *			...
 */
#ifndef FOREIGN_UID_LISTS_H
#define FOREIGN_UID_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct uid_list_head {
	unsigned version;		/* 1 or 3                                          */
	uint32_t uidvalidity;		/* never 0                                         */
	uint32_t uidnext;		/* 0: the list does not say                        */
};

/* One message. All spans lie in the text. */
struct uid_list_line {
	uint32_t uid;			/* 1 to 2^32 - 2                                   */
	struct span file;		/* its name, with or without ":2,FLAGS"            */
	struct span uidl;		/* what POP3's UIDL shows for it; empty: no such key */
};

/* False: not a list of a version that is known, or without UIDVALIDITY. */
bool uid_list_begin(struct span *rest, struct uid_list_head *out);

/* The next line that can be read; false: there are no more. */
bool uid_list_next(struct span *rest, const struct uid_list_head *head, struct uid_list_line *out);

#endif
