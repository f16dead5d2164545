/*
 * imap_login - how LOGIN and AUTHENTICATE end
 */
#ifndef IMAP_LOGIN_H
#define IMAP_LOGIN_H

#include "frontend/imap/imap_command.h"
#include "frontend/sasl/login.h"

/* The frame of both begins with this. */
struct imap_login {
	struct imap_frame base;
	struct login login;
};

/* The last step: answer what came of it. */
MUST_USE enum step imap_login_over(struct task *t);

#endif
