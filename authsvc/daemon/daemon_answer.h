/*
 * daemon_answer - what authdaemond would say
 *
 *	PRE, AUTH	USERNAME= UID= GID= HOME= ADDRESS= ..., a line each, and a dot; or FAIL
 *	PASSWD		OK, or FAIL
 *	ENUMERATE	NAME\tUID\tGID\tHOME\tMAILDIR\tOPTIONS\n for each account, and a dot, missing when the list is not whole
 *
 * Trouble has no answer: the connection closes without a word. A clear password is told to whoever has just proved
 * that he has it, and to nobody else.
 */
#ifndef AUTHSVC_DAEMON_DAEMON_ANSWER_H
#define AUTHSVC_DAEMON_DAEMON_ANSWER_H

#include "authsvc/auth.h"
#include "authsvc/daemon/daemon_request.h"
#include "base/buf.h"

/* Who asks. */
struct daemon_asker {
	/* Part of a long list; false: he is gone. */
	bool (*send)(void *arg, struct span bytes);
	void *arg;
	int64_t begun;		/* clock_mono_ms() when the question was whole */
};

struct daemon_answer {
	struct buf text;	/* wiped and released by daemon_answer_release; empty: nothing to say   */
	int64_t hold_ms;	/* how long it is to be held back: a refusal, when there were many */
};

/* Blocks as long as the modules do. The request's passwords are not wiped. */
void daemon_answer_make(struct auth *auth, const struct daemon_request *r, const struct daemon_asker *asker,
    struct daemon_answer *out);
void daemon_answer_release(struct daemon_answer *answer);

#endif
