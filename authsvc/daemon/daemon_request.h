/*
 * daemon_request - a question in the words of Courier's authdaemond
 *
 *	TCPREMOTEIP=192.0.2.7\n				any NAME=value may come first
 *	PRE MODULE SERVICE USER\n			MODULE "." for all of them
 *	AUTH LEN\n, then LEN bytes:			at most 8191
 *		SERVICE\nlogin\nUSER\nPASSWORD\n
 *		SERVICE\ncram-md5\nCHALLENGE\nRESPONSE\n	both base64; also cram-sha1, cram-sha256
 *	PASSWD SERVICE\tUSER\tOLD\tNEW\n
 *	ENUMERATE\n
 *
 * Every connection asks one.
 */
#ifndef AUTHSVC_DAEMON_DAEMON_REQUEST_H
#define AUTHSVC_DAEMON_DAEMON_REQUEST_H

#include "base/span.h"

#define DAEMON_REQUEST_LONGEST 16384

enum daemon_verb {
	DAEMON_PRE,
	DAEMON_LOGIN,
	DAEMON_CRAM,
	DAEMON_AUTH_OTHER,	/* a way to log in that is not known here */
	DAEMON_PASSWD,
	DAEMON_ENUMERATE,
};

struct daemon_request {		/* all borrowed from what was parsed */
	enum daemon_verb verb;
	struct span address;	/* the client's client; empty when it is not told */
	struct span service, user;
	struct span module;	/* PRE  */
	struct span password;	/* LOGIN, PASSWD */
	struct span new_password;
	const char *hash;	/* CRAM: "MD5", "SHA1", "SHA256" */
	struct span challenge, response;
};

enum daemon_parse { DAEMON_MORE, DAEMON_WHOLE, DAEMON_MALFORMED };

/* `bytes` is everything that has come so far. *out is filled in when it is whole. */
enum daemon_parse daemon_request_parse(struct span bytes, struct daemon_request *out);

#endif
