/*
 * account_options - what an account may and may not do, in Courier's words
 *
 *	disableimap=1,sharedgroup=staff,group=sales,group=board
 *
 * apponly=1 is our own: the account's own password is not taken, its application passwords are.
 *
 * An option is on when it is there, unless its value is a zero, n, no, f, false or off in any letters, as databases and
 * directories write it. No value at all is on, as in Courier, and so is a word that is none of these: what an option
 * forbids stays forbidden when nobody understands it.
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_OPTIONS_H
#define AUTHSVC_ACCOUNT_ACCOUNT_OPTIONS_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

bool account_option_on(const char *options, const char *name);

/* `options`, and from `defaults` those whose names it does not have. */
const char *account_options_join(struct arena *a, const char *options, const char *defaults);

/* "" when it is not there. */
const char *account_option_value(struct arena *a, const char *options, const char *name);

/* Values of every group=, NULL-terminated. */
char **account_groups(struct arena *a, const char *options, size_t *out_count);

/* DENIED when the options keep the account from `service` ("imap", "pop3"), with or without `tls`. */
MUST_USE struct status account_may_use(struct arena *a, const char *options, const char *service, bool tls);

#endif
