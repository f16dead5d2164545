/*
 * pop3_login - how PASS, APOP and AUTH end
 */
#ifndef POP3_LOGIN_H
#define POP3_LOGIN_H

#include "frontend/pop3/pop3_command.h"
#include "frontend/sasl/login.h"

/* The frame of all three begins with this. */
struct pop3_login {
	struct pop3_frame base;
	struct login login;
	Posthouse__MailboxRef box;
	Posthouse__Pop3ListRequest list_request;
	const Posthouse__Pop3ListReply *list;
};

/* The next step: read the list of messages, answer what came of it. */
MUST_USE enum step pop3_login_over(struct task *t);

#endif
