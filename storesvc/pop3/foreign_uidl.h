/*
 * foreign_uidl - what other servers called the messages in UIDL
 *
 * A POP3 client knows a message by that name and downloads it again when it
 * changes. Courier keeps its names in courierpop3dsizelist; Dovecot makes them from UID
 * and UIDVALIDITY, as we do, except where dovecot-uidlist says otherwise. Both files are
 * read and never written: docs/formats/pop3.md.
 *
 *	struct foreign_uidl uidl;
 *	foreign_uidl_read(&uidl, mailbox_dir(box));
 *	text = foreign_uidl_find(&uidl, span_str(message->name));
 *	foreign_uidl_release(&uidl);
 */
#ifndef POP3_FOREIGN_UIDL_H
#define POP3_FOREIGN_UIDL_H

#include "base/arena.h"
#include "base/map.h"

struct foreign_uidl {
	struct map texts;		/* a name without its fields -> text, "" for ours */
	struct arena arena;		/* of the texts                                   */
};

/* Without such files, or with damaged ones, it knows nothing. */
void foreign_uidl_read(struct foreign_uidl *f, int dir);
void foreign_uidl_release(struct foreign_uidl *f);

/* The text for a message's file name, as long as `f` lives. NULL: it goes by our own. */
const char *foreign_uidl_find(const struct foreign_uidl *f, struct span name);

#endif
