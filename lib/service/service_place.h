/*
 * service_place - where this installation has its settings and sockets
 *
 * The same as tools/install-paths.sh says: a program below a prefix other than /usr and /usr/local has them below it too.
 */
#ifndef SERVICE_SERVICE_PLACE_H
#define SERVICE_SERVICE_PLACE_H

#include "base/arena.h"

/* The directory of settings: /etc/posthouse, or PREFIX/etc where `make install` with that prefix has been. In the arena. */
const char *service_place_etc(struct arena *a);
/* The directory of sockets: /run/posthouse, or PREFIX/var/run likewise. In the arena. */
const char *service_place_run(struct arena *a);

#endif
