/*
 * pop3_status.c - what a status is called in POP3 (response codes of RFC 2449 and RFC 3206)
 *
 * A client goes on trying after SYS/TEMP, tells its user after SYS/PERM, and asks for
 * the password again after AUTH, forgetting the one it has: so AUTH is for what authsvc says of
 * credentials alone (pop3_login.c), never for a store that is set up wrong or does not take our
 * ticket. `text` is for a status that brings none.
 */
#include "frontend/pop3/pop3_command.h"

struct words {
	const char *code;		/* NULL: none */
	const char *text;
};

static const struct words words[STATUS_CODES] = {
	[STATUS_INVALID]         = { NULL, "That cannot be done" },
	[STATUS_UNAUTHENTICATED] = { "SYS/TEMP", "The session has expired, please reconnect" },
	[STATUS_DENIED]          = { "SYS/PERM", "Not allowed" },
	[STATUS_NOT_FOUND]       = { NULL, "No such message" },
	[STATUS_EXISTS]          = { NULL, "That exists already" },
	[STATUS_CONFLICT]        = { "SYS/TEMP", "The mailbox has changed, please reconnect" },
	[STATUS_EXHAUSTED]       = { "SYS/TEMP", "A limit is reached" },
	[STATUS_UNAVAILABLE]     = { "SYS/TEMP", "Temporarily not available, try again later" },
	[STATUS_DEADLINE]        = { "SYS/TEMP", "That took too long, try again later" },
	[STATUS_CANCELLED]       = { "SYS/TEMP", "Cancelled" },
	[STATUS_CORRUPT]         = { "SYS/PERM", "The mailbox is damaged" },
	[STATUS_UNIMPLEMENTED]   = { "SYS/PERM", "Not supported by this store" },
	[STATUS_INTERNAL]        = { "SYS/PERM", "Internal error" },
};

static const struct words *
words_of(struct status status)
{
	if (status.code == STATUS_OK || (unsigned)status.code >= STATUS_CODES)
		return &words[STATUS_INTERNAL];
	return &words[status.code];
}

const char *
pop3_status_code(struct status status)
{
	return words_of(status)->code;
}

const char *
pop3_status_text(struct status status)
{
	return status.text && *status.text ? status.text : words_of(status)->text;
}
