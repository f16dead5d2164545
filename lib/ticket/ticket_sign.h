/*
 * ticket_sign - the signer's key, for a verifier that trusts it
 */
#ifndef TICKET_TICKET_SIGN_H
#define TICKET_TICKET_SIGN_H

#include "ticket/ticket.h"
#include "ticket/ticket_key.h"

/* Borrowed; lives as long as the signer. */
const struct ticket_key *ticket_signer_key(const struct ticket_signer *s);

#endif
