/*
 * imap_login - what LOGIN and AUTHENTICATE do once they know who and which password
 */
#ifndef IMAP_LOGIN_H
#define IMAP_LOGIN_H

#include "base/secret.h"
#include "frontend/imap/imap_command.h"

struct imap_login {
	struct imap_frame base;
	Posthouse__LoginRequest request;
	const Posthouse__LoginReply *reply;
};

/* Passwords may not be sent now: answered with NO [PRIVACYREQUIRED]. */
MUST_USE enum step imap_login_refuse(struct task *t);

/*
 * Ask authsvc and answer the command. The frame begins with a struct imap_login. The password is
 * copied and wiped when the task ends. `authorize` may be empty.
 */
MUST_USE enum step imap_login_ask(struct task *t, struct span user, struct span password,
    struct span authorize);

#endif
