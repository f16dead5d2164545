/*
 * daemon_socket.c - a Unix socket that takes its name when it can answer
 */
#include "authsvc/daemon/daemon_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static bool
listens(int fd, const struct sockaddr_un *aside, const char *path, struct stat *info)
{
	unlink(aside->sun_path);
	return bind(fd, (const struct sockaddr *)aside, sizeof(*aside)) == 0 && chmod(aside->sun_path, 0777) == 0 &&
	    lstat(aside->sun_path, info) == 0 && listen(fd, SOMAXCONN) == 0 && rename(aside->sun_path, path) == 0;
}

struct status
daemon_socket_make(const char *path, struct daemon_socket *out)
{
	struct sockaddr_un aside = { .sun_family = AF_UNIX };
	int len = snprintf(aside.sun_path, sizeof(aside.sun_path), "%s.tmp", path);
	struct stat info;

	if (len >= (int)sizeof(aside.sun_path)) {
		log_error("AUTHDAEMON_SOCKET: %s is too long for a socket's name", path);
		return status_make(STATUS_UNAVAILABLE, "The name is too long");
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || !listens(fd, &aside, path, &info)) {
		log_error("AUTHDAEMON_SOCKET: cannot listen at %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		unlink(aside.sun_path);
		return status_make(STATUS_UNAVAILABLE, "The socket cannot be made");
	}
	*out = (struct daemon_socket){ fd, info.st_ino };
	return STATUS_FINE;
}

void
daemon_socket_remove(const char *path, const struct daemon_socket *s)
{
	struct stat info;

	if (lstat(path, &info) == 0 && info.st_ino == s->inode)
		unlink(path);
}
