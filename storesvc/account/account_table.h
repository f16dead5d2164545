/*
 * account_table - the accounts in use, and what the account's own files share
 */
#ifndef ACCOUNT_ACCOUNT_TABLE_H
#define ACCOUNT_ACCOUNT_TABLE_H

#include <pthread.h>

#include "storesvc/account/account.h"

struct account_table;

struct account_table *account_table_new(void);
void account_table_free(struct account_table **table);

/* One more reference. */
void account_ref(struct account *account);
struct store *account_store(const struct account *account);

/* Never used before in this account; on disk before it is returned. */
MUST_USE struct status account_new_uidvalidity(struct account *account, uint32_t *out);

/* Around posthouse-account and the subscriptions. */
pthread_mutex_t *account_files_lock(struct account *account);
/* Which folders there are: opening one reads, creating, renaming and deleting write. */
pthread_rwlock_t *account_tree_lock(struct account *account);

#endif
