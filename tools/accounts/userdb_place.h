/*
 * userdb_place - which userdb the tools are about when nothing names one
 */
#ifndef TOOLS_ACCOUNTS_USERDB_PLACE_H
#define TOOLS_ACCOUNTS_USERDB_PLACE_H

#include "base/arena.h"

/* $USERDB, or what USERDB is in authsvc's settings, or its default where those cannot be read. In the arena. */
const char *userdb_place(struct arena *a);

#endif
