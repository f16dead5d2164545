/*
 * module_load - a module's shared object, found by the module's name
 *
 * The module NAME is DIR/auth-NAME.so. What it exports is called after the version of the
 * interface (AUTH_MODULE_ENTRY), so one made for another version is refused when it is
 * loaded, not when it is called. A module that was loaded stays: client libraries do not like to be unloaded.
 */
#ifndef AUTHSVC_MODULE_LOAD_H
#define AUTHSVC_MODULE_LOAD_H

#include "authsvc/module.h"

/* `dir` "" is ../lib/posthouse beside the running program. Says in the log what is wrong: INVALID. */
MUST_USE struct status auth_module_load(const char *dir, struct span name, const struct auth_module **out);

/* Where modules are looked for: `dir`, or that place when it is "". In the arena. */
const char *auth_module_dir(struct arena *a, const char *dir);

#endif
