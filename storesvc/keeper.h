/*
 * keeper - the thread that looks after things nobody asks for
 *
 * Outside changes in open mailboxes (told to watchers at once), the fence around the
 * tree, memory, index files of mailboxes that have changed much.
 */
#ifndef STORESVC_KEEPER_H
#define STORESVC_KEEPER_H

struct keeper;
struct store;

struct keeper *keeper_start(struct store *store);
void keeper_stop(struct keeper **keeper);

#endif
