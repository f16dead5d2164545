/*
 * user - accounts, as authsvc tells them
 */
#ifndef CTL_USER_H
#define CTL_USER_H

#include "tools/ctl/place.h"

/* NULL: there is none, or nobody can tell; the complaint has been made. The answer lives until place_forget_answers. */
const Posthouse__User *user_find(struct ctl *c, const char *name);

/* Every account there is, each until `each` returns. False: not all could be had. */
bool user_each(struct ctl *c, void (*each)(struct ctl *c, void *arg, const Posthouse__User *user), void *arg);

/* An account as an object of the answer. */
json_t *user_json(const Posthouse__User *user);

/* A copy that lives as long as the program: for calls to its store. */
Posthouse__Ticket *user_keep(struct ctl *c, const Posthouse__Ticket *account);

#endif
