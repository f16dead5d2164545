/*
 * service_notify - telling systemd how we are (sd_notify(3))
 *
 * Does nothing unless NOTIFY_SOCKET is set, which systemd does for services of Type=notify. What
 * cannot be sent is lost: nothing of ours depends on it.
 */
#ifndef SERVICE_SERVICE_NOTIFY_H
#define SERVICE_SERVICE_NOTIFY_H

#include <stdbool.h>

/* Lines of VARIABLE=value, as sd_notify(3) names them; any thread. */
void service_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Does systemd expect WATCHDOG=1 from us now and then? */
bool service_notify_watched(void);

#endif
