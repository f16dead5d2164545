/*
 * service_user - root's rights are given up for good
 */
#ifndef SERVICE_SERVICE_USER_H
#define SERVICE_SERVICE_USER_H

#include "base/status.h"

/*
 * All threads of this process become `user`, with its groups and without capabilities. NULL, "" and a process that is not
 * root: nothing happens. INVALID when there is no such user, DENIED when it did not work; the log says why. A caller
 * must end the process then.
 */
MUST_USE struct status service_become(const char *user);

#endif
