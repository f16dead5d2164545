/*
 * password_prompt - a password from whoever runs a program
 *
 * From a terminal it is asked for and not shown; otherwise it is a line of standard input.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_PROMPT_H
#define AUTHSVC_PASSWORD_PASSWORD_PROMPT_H

#include "base/secret.h"

/* False: standard input has ended. The caller releases *out. */
bool password_prompt(const char *prompt, struct secret *out);

/* A new one, asked for twice on a terminal. False, told on standard error, when the two differ. */
bool password_prompt_new(const char *program, struct secret *out);

#endif
