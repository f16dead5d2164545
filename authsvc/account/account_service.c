/*
 * account_service.c - what an account can be used for
 */
#include "authsvc/account/account_service.h"

#define ALL (SERVICE_FOR_FRONTENDS | SERVICE_FOR_AUTHDAEMON | SERVICE_FOR_OPERATORS)
#define OTHERS (SERVICE_FOR_AUTHDAEMON | SERVICE_FOR_OPERATORS)

static const struct {
	const char *word, *service;
	unsigned askers;			/* enum service_asker, added up */
} services[] = {
	{ "imap", "imap", ALL },
	{ "imaps", "imap", ALL },
	{ "pop3", "pop3", ALL },
	{ "pop3s", "pop3", ALL },
	/* What programs that know authdaemond call themselves there. */
	{ "smtp", "smtp", OTHERS },
	{ "esmtp", "esmtp", OTHERS },
	{ "submission", "submission", OTHERS },
	{ "lmtp", "lmtp", OTHERS },
	{ "courier", "courier", OTHERS },
	{ "maildrop", "maildrop", OTHERS },
	{ "exim", "exim", OTHERS },
	{ "sieve", "sieve", OTHERS },
	{ "webmail", "webmail", OTHERS },
	{ "calendar", "calendar", OTHERS },
	{ "login", "login", OTHERS },
	{ "ftp", "ftp", OTHERS },
	{ "http", "http", OTHERS },
	{ "xmpp", "xmpp", OTHERS },
};

const char *
account_service_find(struct span word, enum service_asker asker)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if ((services[i].askers & asker) && span_eq(word, span_str(services[i].word)))
			return services[i].service;
	return NULL;
}
