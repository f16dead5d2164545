/*
 * purge - what interrupted work has left in tmp/
 *
 * As every Maildir program does: what has not been touched for 36 hours will not be finished.
 */
#ifndef MAILDIR_PURGE_H
#define MAILDIR_PURGE_H

/* In `folder`'s tmp/; trouble is logged and passed over. */
void purge_tmp(int folder);

#endif
