/*
 * auth_fake - the Auth service in memory
 *
 * Two accounts: alice with password "alice-demo" and bob with "bob-demo". The ticket
 * is nothing but the account's name, which is what store_fake takes it for.
 *
 * Exchanges: TALK asks "who?", then "sure?", believes alice when she says "yes", and says "welcome" with its success;
 * TALK-PLUS is the same for connections with a binding; NAME believes at once whoever tells his name; EXTERNAL asks for nothing and believes
 * the certificate; TOKEN believes what begins with "good ", explains itself otherwise; APOP believes the
 * digest "00112233445566778899aabbccddeeff".
 */
#ifndef FRONTEND_TESTING_AUTH_FAKE_H
#define FRONTEND_TESTING_AUTH_FAKE_H

#include <stdbool.h>

#include "proto/auth.pb-c.h"

struct auth_fake {
	Posthouse__Auth_Service service;	/* first */
	uint32_t renew_after_s;			/* what replies say; 0: nothing */
	bool disabled;				/* renewals are denied          */
	unsigned renewals;
	unsigned talks, cancelled;		/* exchanges begun; given up    */
	size_t exporter;			/* bytes of the last binding    */
	bool plain_only;			/* an older version: offers nothing else */
};

void auth_fake_init(struct auth_fake *f);

#endif
