/*
 * ids.c - the user and group a thread's file accesses are made as
 */
#include "storesvc/account/ids.h"

#include <sys/fsuid.h>
#include <unistd.h>

#include "base/panic.h"

#define SOMEBODY 65534			/* any id but our own */
#define ASK ((uid_t)-1)			/* changes nothing, returns what is */

static bool
are(uid_t uid, gid_t gid)
{
	return (uid_t)setfsuid(ASK) == uid && (gid_t)setfsgid(ASK) == gid;
}

static void
set(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
}

bool
ids_enter(uid_t uid, gid_t gid)
{
	if (uid == 0 && gid == 0)
		return true;
	set(uid, gid);
	if (are(uid, gid))
		return true;
	ids_leave();
	return false;
}

void
ids_leave(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	/* The user first: as root the group may be any. */
	setfsuid(uid);
	setfsgid(gid);
	assert_that(are(uid, gid));
}

bool
ids_try(void)
{
	if (!ids_enter(SOMEBODY, SOMEBODY))
		return false;
	ids_leave();
	return true;
}
