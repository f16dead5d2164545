/*
 * userdb_line - an account as a line of userdb's source
 *
 *	struct userdb_line_maker m;
 *	userdb_line_begin(&m, name);
 *	userdb_line_number(&m, "uid", 1000);
 *	userdb_line_field(&m, "home", "/home/alice");
 *	if (!userdb_line_end(&m, stdout)) ... some value cannot stand in userdb
 */
#ifndef TOOLS_ACCOUNTS_USERDB_LINE_H
#define TOOLS_ACCOUNTS_USERDB_LINE_H

#include <stdio.h>

#include "base/buf.h"
#include "base/status.h"

struct userdb_line_maker {
	struct buf text;
	bool bad, first;
};

void userdb_line_begin(struct userdb_line_maker *m, struct span name);
void userdb_line_number(struct userdb_line_maker *m, const char *field, uint64_t value);
/* Left out when it is empty. */
void userdb_line_field(struct userdb_line_maker *m, const char *field, struct span value);
/* Written, or not when something in it cannot stand in userdb: false. What held it is wiped. */
MUST_USE bool userdb_line_end(struct userdb_line_maker *m, FILE *out);

#endif
