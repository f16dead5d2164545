/*
 * imap_status.c - what a status is called in IMAP (response codes of RFC 5530)
 *
 * The one table; three kinds of commands read different columns of it. `text`
 * is for a status that brings none.
 */
#include "frontend/imap/imap_command.h"

struct words {
	const char *code;		/* in general                         */
	const char *target;		/* of what was to receive messages    */
	const char *text;
};

static const struct words words[STATUS_CODES] = {
	[STATUS_INVALID]         = { "CANNOT", "CANNOT", "That cannot be done" },
	[STATUS_UNAUTHENTICATED] = { "EXPIRED", "EXPIRED", "Session expired" },
	[STATUS_DENIED]          = { "NOPERM", "NOPERM", "Not allowed" },
	[STATUS_NOT_FOUND]       = { "NONEXISTENT", "TRYCREATE", "No such mailbox" },
	[STATUS_EXISTS]          = { "ALREADYEXISTS", "ALREADYEXISTS", "Mailbox exists already" },
	[STATUS_CONFLICT]        = { "INUSE", "INUSE", "The mailbox has changed" },
	[STATUS_EXHAUSTED]       = { "LIMIT", "OVERQUOTA", "A limit is reached" },
	[STATUS_UNAVAILABLE]     = { "UNAVAILABLE", "UNAVAILABLE", "Temporarily not available, try again later" },
	[STATUS_DEADLINE]        = { "UNAVAILABLE", "UNAVAILABLE", "That took too long, try again later" },
	[STATUS_CANCELLED]       = { "UNAVAILABLE", "UNAVAILABLE", "Cancelled" },
	[STATUS_CORRUPT]         = { "CORRUPTION", "CORRUPTION", "The mailbox is damaged" },
	[STATUS_UNIMPLEMENTED]   = { "CANNOT", "CANNOT", "Not supported by this store" },
	[STATUS_INTERNAL]        = { "SERVERBUG", "SERVERBUG", "Internal error" },
};

static const struct words *
words_of(struct status status)
{
	if (status.code == STATUS_OK || (unsigned)status.code >= STATUS_CODES)
		return &words[STATUS_INTERNAL];
	return &words[status.code];
}

static const char *
text_of(struct status status)
{
	return status.text && *status.text ? status.text : words_of(status)->text;
}

enum step
imap_no(struct task *t, struct status status)
{
	return imap_no_code(t, words_of(status)->code, text_of(status));
}

enum step
imap_no_target(struct task *t, struct status status)
{
	return imap_no_code(t, words_of(status)->target, text_of(status));
}

enum step
imap_no_selected(struct task *t, struct status status)
{
	if (status.code == STATUS_NOT_FOUND || status.code == STATUS_CONFLICT)
		session_bye(t->session, NULL, "The selected mailbox is no more");
	return imap_no(t, status);
}
