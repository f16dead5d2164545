/*
 * vpasswd_edit - a new password in one of vpopmail's files
 *
 * The file is replaced whole, under the lock that vpopmail's own programs take (.vpasswd.lock), and stays whose
 * it was. What vpopmail compiles from it, vpasswd.cdb, is vpopmail's to make anew (vmkpasswd).
 */
#ifndef AUTHSVC_VPASSWD_VPASSWD_EDIT_H
#define AUTHSVC_VPASSWD_VPASSWD_EDIT_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/*
 * `folder` is the domain's. An empty clear password leaves that field as it is. NOT_FOUND: no such user; other
 * trouble is logged: the lock is not to be had, or the file not to be written.
 */
MUST_USE struct status vpasswd_edit(const char *folder, struct span user, struct span hash, struct span clear);

#endif
