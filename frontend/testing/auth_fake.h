/*
 * auth_fake - the Auth service in memory
 *
 * Two accounts: alice with password "alice-demo" and bob with "bob-demo". The ticket
 * is nothing but the account's name, which is what store_fake takes it for.
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
};

void auth_fake_init(struct auth_fake *f);

#endif
