/*
 * pam_login - one conversation with PAM, as a question and an answer in bytes
 *
 * What crosses from authsvc to a helper: fields that end with NULs, so no
 * field can hold one. The answer is a result byte and, for AUTH_OK, the account.
 */
#ifndef AUTHSVC_PAM_PAM_LOGIN_H
#define AUTHSVC_PAM_PAM_LOGIN_H

#include <sys/types.h>

#include "authsvc/module.h"
#include "base/buf.h"

struct pam_question {
	const char *service;	/* PAM's service name                      */
	const char *confdir;	/* "" for the system's                     */
	const char *user;
	const char *address;
	const char *password;	/* NULL: only ask if the account is usable */
};

/* False when a field is too long. */
MUST_USE bool pam_question_pack(const struct pam_question *q, struct buf *out);

/* Runs in the helper. `arg` is not used. */
ssize_t pam_login_answer(void *arg, struct span question, char *answer, size_t room);

/*
 * AUTH_TROUBLE for bytes that are no answer. *out_known: what the system calls the account, when it knows it, let in or
 * not. Strings in the arena.
 */
enum auth_result pam_answer_unpack(struct arena *a, struct span answer, const char **out_known, struct auth_account *out);

#endif
