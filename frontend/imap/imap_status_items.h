/*
 * imap_status_items - what STATUS, and LIST with RETURN (STATUS), can tell of a mailbox
 */
#ifndef IMAP_STATUS_ITEMS_H
#define IMAP_STATUS_ITEMS_H

#include "base/buf.h"
#include "frontend/imap/imap_parse.h"
#include "proto/store.pb-c.h"

/* "(" status-att *(SP status-att) ")" as bits of Posthouse__StatusItem */
enum parse rule_status_items(struct imap_parser *p, unsigned *out);

/* "STATUS name (MESSAGES 3 UNSEEN 1)" */
void imap_print_status(struct buf *out, struct span visible, unsigned items,
    const Posthouse__StatusReply *status);

#endif
