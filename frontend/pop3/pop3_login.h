/*
 * pop3_login - what PASS and AUTH do once they know who and which password
 */
#ifndef POP3_LOGIN_H
#define POP3_LOGIN_H

#include "frontend/pop3/pop3_command.h"

struct pop3_login {
	struct pop3_frame base;
	Posthouse__LoginRequest request;
	const Posthouse__LoginReply *reply;
	Posthouse__MailboxRef box;
	Posthouse__Pop3ListRequest list_request;
	const Posthouse__Pop3ListReply *list;
};

/* Passwords may not be sent now. */
MUST_USE enum step pop3_login_refuse(struct task *t);

/*
 * Ask authsvc, read the list of messages, answer the command. The frame begins with a struct
 * pop3_login. The password must stay where it is until the task ends, and be wiped then; `authorize` may be empty.
 */
MUST_USE enum step pop3_login_ask(struct task *t, struct span user, struct span password, struct span authorize);

#endif
