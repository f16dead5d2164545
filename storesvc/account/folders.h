/*
 * folders - which mailboxes an account has: listing, creating, renaming, deleting
 *
 * Names are canonical and have been through path_canonical. Each change is durable
 * when it returns. `retry`: the call was made before and its answer lost, so what is done
 * already is no error. The account is entered.
 */
#ifndef ACCOUNT_FOLDERS_H
#define ACCOUNT_FOLDERS_H

#include "storesvc/account/account.h"

struct folder {
	struct span name;
	const char *directory;
};

/* A directory, whatever names lead to it: what open mailboxes are found by. */
struct folder_id {
	uint64_t dev, ino;
};

/* A folder as it is now: the directory, and those in it that are watched. `ino` 0: not there. */
struct folder_place {
	struct folder_id dir, cur, new;
};

MUST_USE bool folder_id_same(const struct folder_id *a, const struct folder_id *b);

/* All folders, INBOX among them, in the order of their names' bytes. */
MUST_USE struct status folders_list(struct account *account, struct arena *a,
    struct folder **out, size_t *out_count);

/* A descriptor of the folder's directory, by whichever of its possible names it has. NOT_FOUND: there is none. */
MUST_USE struct status folders_open(struct account *account, struct span name, int *out_dir);
/* The same with what is there. */
MUST_USE struct status folders_open_place(struct account *account, struct span name, int *out_dir,
    struct folder_place *out);
MUST_USE struct status folder_place_of(int dir, struct folder_place *out);
/* The name of a directory of the account; NOT_FOUND: it is not one of its folders. */
MUST_USE struct status folders_find(struct account *account, struct arena *a, const struct folder_id *id,
    struct span *out_name);

/* `special_use`: "\\Sent" or "". `request` names the call, or "". */
MUST_USE struct status folders_create(struct account *account, struct span name, const char *special_use,
    const char *request, const char **out_id, struct arena *a);
MUST_USE struct status folders_delete(struct account *account, struct span name, bool retry);
/* With all folders below it. INBOX: see method_rename.c. */
MUST_USE struct status folders_rename(struct account *account, struct span from, struct span to, bool retry);

/* "\\Sent" or "": as posthouse-mailbox says, else by well-known name. */
const char *folders_special_use(struct account *account, struct arena *a, const struct folder *folder);
/* By well-known name only: "Sent" is "\\Sent". */
const char *folders_use_by_name(struct span name);

#endif
