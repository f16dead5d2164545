/*
 * redis_url - where Redis is
 *
 *	redis://host:port	redis://:password@host:port/2	unix:///run/redis.sock
 *
 * The path of a unix:// URL is what follows the two slashes, so "unix://sock/redis" is
 * relative to the working directory.
 */
#ifndef NOTICE_REDIS_URL_H
#define NOTICE_REDIS_URL_H

#include "base/arena.h"
#include "base/status.h"

struct redis_url {
	const char *path;	/* unix socket, or NULL            */
	const char *host;
	int port;
	const char *password;	/* NULL: none                      */
	int database;
};

/* The strings live in the arena. INVALID: text says what is wrong. */
MUST_USE struct status redis_url_parse(struct arena *a, const char *text, struct redis_url *out);

#endif
