/*
 * ids - the user and group a thread's file accesses are made as
 *
 * System accounts are worked for under their own ids (setfsuid, setfsgid), which the kernel refuses without saying
 * so. So each change is looked at afterwards, and an account whose ids cannot be taken is not served at all: its
 * mail would be written as the store's own user otherwise.
 */
#ifndef ACCOUNT_IDS_H
#define ACCOUNT_IDS_H

#include <stdbool.h>
#include <sys/types.h>

/* uid and gid both 0: as the process's own user. False: not possible, and nothing has changed. */
__attribute__((warn_unused_result)) bool ids_enter(uid_t uid, gid_t gid);
/* Back to the process's own user and group. */
void ids_leave(void);

/* May this process work as others? Tried once, when it starts. */
__attribute__((warn_unused_result)) bool ids_try(void);

#endif
