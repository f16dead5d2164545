/*
 * access_file - the access file that is in force
 *
 * It is read again when that is asked for. One that makes no sense leaves the one before in
 * force, and says so in the log.
 */
#ifndef FRONTEND_ADMISSION_ACCESS_FILE_H
#define FRONTEND_ADMISSION_ACCESS_FILE_H

#include "frontend/admission/access.h"

struct access_file;

/* `path` NULL or empty: none, everybody is welcome. Otherwise as access_load. */
MUST_USE struct status access_file_new(const char *path, struct access_file **out);
void access_file_free(struct access_file **f);

/* Any thread. `only_if_changed`: when files were changed, came or went since they were last looked at. */
void access_file_reload(struct access_file *f, bool only_if_changed);
/* Any thread. */
struct access_rule access_file_find(struct access_file *f, const struct in6_addr *address);

#endif
