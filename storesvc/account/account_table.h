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

/* How many of its mailboxes are open, and being closed to make room; under the open mailboxes' lock. */
struct account_boxes {
	size_t open, closing;
};
struct account_boxes *account_boxes(struct account *account);

bool account_same_ids(const struct account *a, const struct account *b);

/* Is its path still that of its directory? Nothing is made; the account is entered. */
enum account_place { ACCOUNT_IN_PLACE, ACCOUNT_REPLACED, ACCOUNT_ABSENT };
enum account_place account_look(const struct account *account);

/* A notice for each name it is known by. */
void account_tell(struct account *account, const char *mailbox_id, uint64_t modseq);

/* Never used before in this account, and larger than `after`; on disk before it is returned. */
MUST_USE struct status account_new_uidvalidity(struct account *account, uint32_t after, uint32_t *out);

/* Around posthouse-account and the subscriptions. */
pthread_mutex_t *account_files_lock(struct account *account);
/* Which folders there are: opening one reads, creating, renaming and deleting write. */
pthread_rwlock_t *account_tree_lock(struct account *account);

#endif
