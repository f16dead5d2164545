/*
 * service_notify.c - telling systemd how we are
 */
#include "service/service_notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LONGEST = 1024 };

/* "@name" is a name that is in no directory. False: no socket, or none that we can speak to. */
static bool
notify_address(struct sockaddr_un *out, socklen_t *out_len)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	if (len < 2 || len >= sizeof(out->sun_path) || (path[0] != '/' && path[0] != '@'))
		return false;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(out->sun_path, path, len);
	if (path[0] == '@')
		out->sun_path[0] = '\0';
	*out_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

void
service_notify(const char *format, ...)
{
	struct sockaddr_un address;
	char text[LONGEST];
	socklen_t len;
	va_list args;

	if (!notify_address(&address, &len))
		return;
	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (n > 0 && n < LONGEST)
		(void)!sendto(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, len);
	close(fd);
}

bool
service_notify_watched(void)
{
	const char *pid = getenv("WATCHDOG_PID");

	return getenv("WATCHDOG_USEC") && (!pid || strtol(pid, NULL, 10) == getpid());
}
