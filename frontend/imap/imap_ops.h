/*
 * imap_ops - the code of all commands, one file each: login_ops is in cmd_login.c
 */
#ifndef IMAP_OPS_H
#define IMAP_OPS_H

#include "frontend/imap/imap_command.h"

extern const struct imap_ops append_ops;
extern const struct imap_ops authenticate_ops;
extern const struct imap_ops capability_ops;
extern const struct imap_ops close_ops;
extern const struct imap_ops copy_ops;
extern const struct imap_ops create_ops;
extern const struct imap_ops delete_ops;
extern const struct imap_ops enable_ops;
extern const struct imap_ops expunge_ops;
extern const struct imap_ops fetch_ops;
extern const struct imap_ops id_ops;
extern const struct imap_ops idle_ops;
extern const struct imap_ops list_ops;
extern const struct imap_ops login_ops;
extern const struct imap_ops logout_ops;
extern const struct imap_ops lsub_ops;
extern const struct imap_ops namespace_ops;
extern const struct imap_ops noop_ops;
extern const struct imap_ops rename_ops;
extern const struct imap_ops search_ops;
extern const struct imap_ops select_ops;
extern const struct imap_ops starttls_ops;
extern const struct imap_ops status_ops;
extern const struct imap_ops store_ops;
extern const struct imap_ops subscribe_ops;
extern const struct imap_ops uid_expunge_ops;

#endif
