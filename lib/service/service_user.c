/*
 * service_user.c - root's rights are given up for good
 */
#include "service/service_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"

static struct status
report_failure(const char *doing, const char *user)
{
	log_error("cannot %s %s: %s", doing, user, strerror(errno));
	return status_make(STATUS_DENIED, "Cannot become another user");
}

struct status
service_become(const char *user)
{
	if (!user || !*user || geteuid() != 0)
		return STATUS_FINE;
	errno = 0;
	const struct passwd *p = getpwnam(user);	/* before there are other threads */
	if (!p) {
		log_error("there is no user %s%s%s", user, errno ? ": " : "", errno ? strerror(errno) : "");
		return status_make(STATUS_INVALID, "No such user");
	}
	uid_t uid = p->pw_uid;
	gid_t gid = p->pw_gid;
	if (initgroups(user, gid) < 0 || setresgid(gid, gid, gid) < 0)
		return report_failure("take the groups of", user);
	if (setresuid(uid, uid, uid) < 0)
		return report_failure("become", user);
	if (uid != 0 && (setuid(0) == 0 || geteuid() == 0)) {
		log_error("root's rights came back after becoming %s", user);
		return status_make(STATUS_DENIED, "Cannot become another user");
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report_failure("forbid new rights to", user);
	log_info("running as %s", user);
	return STATUS_FINE;
}
