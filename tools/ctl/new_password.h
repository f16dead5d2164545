/*
 * new_password - a password from whoever runs the program
 *
 * Asked for twice, without showing it, where there is a terminal; otherwise it is a line of standard input. Never a
 * word of the command line, which others can see.
 */
#ifndef CTL_NEW_PASSWORD_H
#define CTL_NEW_PASSWORD_H

#include "base/secret.h"
#include "tools/ctl/ctl.h"

/* False: there is none; the complaint has been made. The caller releases it. */
bool new_password_read(struct ctl *c, struct secret *out);

#endif
