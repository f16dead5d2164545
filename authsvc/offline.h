/*
 * offline - the account sources as authsvc has them, in a program that is run by hand
 *
 *	struct offline *o = offline_open("authenumerate", file, NULL);
 *	... offline_chain(o) ...
 *	offline_close(&o);
 */
#ifndef AUTHSVC_OFFLINE_H
#define AUTHSVC_OFFLINE_H

#include "authsvc/auth_config.h"
#include "authsvc/chain.h"

struct offline;

/*
 * Settings are authsvc's: `file`, or /etc/posthouse/authsvc.conf when NULL, and the environment. `modules`, if not
 * NULL, stands for AUTH_MODULES. Exits with 78 and says why when they are wrong or a module cannot be had.
 */
struct offline *offline_open(const char *program, const char *file, const char *modules);
void offline_close(struct offline **o);

struct auth_chain *offline_chain(struct offline *o);
const struct auth_config *offline_config(const struct offline *o);

/* Ask about that name as authsvc would; false for what cannot be anybody's. In the arena. */
bool offline_ask(const struct offline *o, struct arena *a, const char *given, struct auth_query *q);

#endif
