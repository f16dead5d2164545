/*
 * service_place.c - where this installation has its settings and sockets
 */
#include "service/service_place.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

/* What `make install` leaves in the directory of settings. */
#define INSTALLED "etc/posthouse.conf.dist"

/* PREFIX of PREFIX/bin/PROGRAM and PREFIX/sbin/PROGRAM when everything of the installation is below it, else NULL. */
static const char *
find_prefix(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	if (n <= 0 || n == sizeof(path))
		return NULL;
	struct span prefix = span_of(path, (size_t)n);
	for (int i = 0; i < 2; i++)	/* the program, its directory */
		prefix = span_head(prefix, span_rindex(prefix, '/') < prefix.len ? span_rindex(prefix, '/') : 0);
	if (!prefix.len || span_eq(prefix, SPAN_LIT("/usr")) || span_eq(prefix, SPAN_LIT("/usr/local")))
		return NULL;
	const char *found = arena_strndup(a, prefix.at, prefix.len);
	return access(arena_printf(a, "%s/" INSTALLED, found), F_OK) == 0 ? found : NULL;
}

const char *
service_place_etc(struct arena *a)
{
	const char *prefix = find_prefix(a);

	return prefix ? arena_printf(a, "%s/etc", prefix) : "/etc/posthouse";
}

const char *
service_place_run(struct arena *a)
{
	const char *prefix = find_prefix(a);

	return prefix ? arena_printf(a, "%s/var/run", prefix) : "/run/posthouse";
}
