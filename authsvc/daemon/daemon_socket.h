/*
 * daemon_socket - a Unix socket that takes its name when it can answer
 */
#ifndef AUTHSVC_DAEMON_DAEMON_SOCKET_H
#define AUTHSVC_DAEMON_DAEMON_SOCKET_H

#include <sys/types.h>

#include "base/status.h"

struct daemon_socket {
	int fd;
	ino_t inode;		/* to know one's own from a successor's */
};

/* Listening, mode 0777. UNAVAILABLE, logged. */
MUST_USE struct status daemon_socket_make(const char *path, struct daemon_socket *out);
/* Takes the name away, unless another process has it by now. The descriptor is the caller's. */
void daemon_socket_remove(const char *path, const struct daemon_socket *s);

#endif
