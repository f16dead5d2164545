/*
 * status.c - names of the status codes
 */
#include "base/status.h"

static const char *const names[STATUS_CODES] = {
	[STATUS_OK] = "OK",
	[STATUS_INVALID] = "INVALID",
	[STATUS_UNAUTHENTICATED] = "UNAUTHENTICATED",
	[STATUS_DENIED] = "DENIED",
	[STATUS_NOT_FOUND] = "NOT_FOUND",
	[STATUS_EXISTS] = "EXISTS",
	[STATUS_CONFLICT] = "CONFLICT",
	[STATUS_EXHAUSTED] = "EXHAUSTED",
	[STATUS_UNAVAILABLE] = "UNAVAILABLE",
	[STATUS_DEADLINE] = "DEADLINE",
	[STATUS_CANCELLED] = "CANCELLED",
	[STATUS_CORRUPT] = "CORRUPT",
	[STATUS_UNIMPLEMENTED] = "UNIMPLEMENTED",
	[STATUS_INTERNAL] = "INTERNAL",
};

const char *
status_name(enum status_code code)
{
	return (unsigned)code < STATUS_CODES ? names[code] : "UNKNOWN";
}
