/*
 * pam_keeper - a small process that forks one helper for each question
 *
 * PAM modules leak, hang, crash and are not made for threads, so each
 * conversation has a process of its own. A keeper does the forking: started
 * early, it is small and has one thread, which makes forking cheap and safe.
 *
 *	authsvc ---- descriptor ---> keeper ---- fork ---> helper
 *	   \------- question, answer over that descriptor ---/
 *
 * A helper ends by itself after the time limit; a keeper that has gone is started
 * again; it goes when authsvc does. Thread-safe.
 */
#ifndef AUTHSVC_PAM_PAM_KEEPER_H
#define AUTHSVC_PAM_PAM_KEEPER_H

#include <sys/types.h>

#include "base/span.h"

struct pam_keeper;

/* `help` runs in the helper: the answer's length (at most `room`), or -1 for none. */
typedef ssize_t pam_help(void *arg, struct span question, char *answer, size_t room);

struct pam_keeper *pam_keeper_new(pam_help *help, void *arg, int limit_s);
void pam_keeper_free(struct pam_keeper **k);

/* The answer's length, or -1 when there was none in time. */
ssize_t pam_keeper_ask(struct pam_keeper *k, struct span question, char *answer, size_t room);

/* Its process id, for tests. */
pid_t pam_keeper_pid(struct pam_keeper *k);

#endif
