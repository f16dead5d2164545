/*
 * mailbox_status - what STATUS tells, for Status and for List
 */
#ifndef METHODS_MAILBOX_STATUS_H
#define METHODS_MAILBOX_STATUS_H

#include "storesvc/methods/method.h"

/* `items`: enum StatusItem of store.proto, or-ed. Only what is asked for is filled in. */
MUST_USE struct status mailbox_status(struct method *m, struct mailbox *box, uint32_t items,
    Posthouse__StatusReply *reply);

#endif
