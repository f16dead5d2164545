/*
 * imap_literal - what becomes of a literal that a client announces
 *
 * A client that waits for "+" sends its literal only when told to, so a mistake can be answered
 * before: LOGIN ~{5}, NOOP {5}, or a command that is not legal now. The grammar decides; it is run on
 * what there is, and a literal belongs where it stands when the command is not wrong yet.
 */
#ifndef IMAP_LITERAL_H
#define IMAP_LITERAL_H

#include "frontend/imap/imap_command.h"

/*
 * `so_far` is a command up to and with the announcement. True: collect the literal. False: start
 * the command now, because it is an APPEND that reads its message itself, or because it will be refused.
 */
bool imap_literal_is_collected(enum session_state state, struct span so_far);

#endif
