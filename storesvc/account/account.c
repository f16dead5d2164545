/*
 * account.c - one person's Maildir
 */
#include "storesvc/account/account_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "storesvc/account/boxes.h"
#include "storesvc/account/home.h"
#include "storesvc/fence/fence.h"
#include "storesvc/store.h"

#define ACCOUNT_FILE "posthouse-account"
#define FIRST_LINE "posthouse-account 1\nuidvalidity "

struct account_table {
	pthread_mutex_t lock;
	struct map accounts;		/* key() -> struct account */
};

struct account {
	struct store *store;
	char *key;
	size_t key_len;
	char *name;
	uid_t uid;			/* both 0: the process's own user */
	gid_t gid;
	int dir;
	unsigned refs;			/* under the table's lock */
	pthread_mutex_t files_lock;	/* posthouse-account, subscriptions */
	pthread_rwlock_t tree_lock;	/* which folders there are: opening reads, renaming writes */
};

struct account_table *
account_table_new(void)
{
	struct account_table *t = MEM_NEW(struct account_table);

	pthread_mutex_init(&t->lock, NULL);
	map_init(&t->accounts);
	return t;
}

void
account_table_free(struct account_table **table)
{
	if (*table) {
		map_release(&(*table)->accounts);
		pthread_mutex_destroy(&(*table)->lock);
		free(*table);
	}
	*table = NULL;
}

/* Everything that decides which files are touched, and as whom. */
static char *
key(struct arena *a, const Posthouse__Ticket *ticket, const char *path)
{
	return arena_printf(a, "%s\n%u\n%u\n%s", ticket->account, ticket->uid, ticket->gid, path);
}

static void
work_as(uid_t uid, gid_t gid)
{
	if (uid == 0 && gid == 0)
		return;
	setfsgid(gid);
	setfsuid(uid);
}

static void
work_as_self(uid_t uid, gid_t gid)
{
	if (uid == 0 && gid == 0)
		return;
	setfsuid(geteuid());
	setfsgid(getegid());
}

void
account_enter(const struct account *account)
{
	work_as(account->uid, account->gid);
}

void
account_leave(const struct account *account)
{
	work_as_self(account->uid, account->gid);
}

/* Half a system account is none: files of root's group or user are nobody's mail. */
static struct status
check_ids(const Posthouse__Ticket *ticket)
{
	bool virtual = ticket->uid == 0 && ticket->gid == 0;
	bool self = ticket->uid == geteuid() && ticket->gid == getegid();

	if (virtual || self)
		return STATUS_FINE;
	if (ticket->uid == 0 || ticket->gid == 0)
		return status_make(STATUS_DENIED, "The account's user id is not allowed");
	if (geteuid() != 0)
		return status_make(STATUS_DENIED, "This store cannot work as another user");
	return STATUS_FINE;
}

/* A Maildir is one from the first look on, so that mail can be delivered before anybody reads it. */
static void
furnish(int dir)
{
	if (mkdirat(dir, "tmp", 0700) == 0)
		log_info("a new Maildir");
	(void)mkdirat(dir, "new", 0700);
	(void)mkdirat(dir, "cur", 0700);
}

static struct status
open_new(struct store *store, const Posthouse__Ticket *ticket, const char *path, const char *name_key,
    struct account **out)
{
	int dir;

	work_as(ticket->uid, ticket->gid);
	struct status st = home_open(path, store->config.maildir_root, store->config.system_homes, &dir);
	if (status_ok(st))
		furnish(dir);
	work_as_self(ticket->uid, ticket->gid);
	if (!status_ok(st))
		return st;
	struct account *account = MEM_NEW(struct account);
	*account = (struct account){ .store = store, .key = mem_strdup(name_key), .key_len = strlen(name_key),
		.name = mem_strdup(ticket->account), .uid = ticket->uid, .gid = ticket->gid, .dir = dir, .refs = 1 };
	pthread_mutex_init(&account->files_lock, NULL);
	pthread_rwlock_init(&account->tree_lock, NULL);
	*out = account;
	return st;
}

struct status
account_open(struct store *store, const Posthouse__Ticket *ticket, struct account **out)
{
	struct account_table *t = store->accounts;
	struct arena scratch;
	const char *path;

	arena_init(&scratch, 0);
	struct status st = check_ids(ticket);
	if (status_ok(st))
		st = home_path(&scratch, span_str(ticket->home), span_str(ticket->maildir), &path);
	if (status_ok(st)) {
		const char *name = key(&scratch, ticket, path);
		pthread_mutex_lock(&t->lock);
		struct account *account = map_find(&t->accounts, span_str(name));
		if (account)
			account->refs++;
		else
			st = open_new(store, ticket, path, name, &account);
		if (status_ok(st)) {
			(void)map_put(&t->accounts, span_str(name), account);
			*out = account;
		}
		pthread_mutex_unlock(&t->lock);
	}
	arena_release(&scratch);
	return st;
}

void
account_ref(struct account *account)
{
	pthread_mutex_lock(&account->store->accounts->lock);
	account->refs++;
	pthread_mutex_unlock(&account->store->accounts->lock);
}

void
account_put(struct account **where)
{
	struct account *account = *where;

	*where = NULL;
	if (!account)
		return;
	struct account_table *t = account->store->accounts;
	pthread_mutex_lock(&t->lock);
	bool last = --account->refs == 0;
	if (last)
		(void)map_remove(&t->accounts, span_of(account->key, account->key_len));
	pthread_mutex_unlock(&t->lock);
	if (!last)
		return;
	close(account->dir);
	pthread_mutex_destroy(&account->files_lock);
	pthread_rwlock_destroy(&account->tree_lock);
	free(account->name);
	free(account->key);
	free(account);
}

const char *
account_name(const struct account *account)
{
	return account->name;
}

int
account_dir(const struct account *account)
{
	return account->dir;
}

struct store *
account_store(const struct account *account)
{
	return account->store;
}

pthread_mutex_t *
account_files_lock(struct account *account)
{
	return &account->files_lock;
}

pthread_rwlock_t *
account_tree_lock(struct account *account)
{
	return &account->tree_lock;
}

static bool
parse_last_uidvalidity(struct span text, uint32_t *out)
{
	struct span rest = span_skip(text, sizeof(FIRST_LINE) - 1);
	uint64_t value;

	if (!span_starts(text, SPAN_LIT(FIRST_LINE)) || !span_number(span_cut(&rest, '\n'), UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

/* By the clock, so that a lost counter does not bring old values back; never the same twice. */
struct status
account_new_uidvalidity(struct account *account, uint32_t *out)
{
	uint32_t last = 0, now = (uint32_t)clock_wall_s();
	struct buf text;

	buf_init(&text, 4096);
	pthread_mutex_lock(&account->files_lock);
	struct status st = io_read_file(account->dir, ACCOUNT_FILE, 4096, &text);
	if (status_ok(st) && !parse_last_uidvalidity(buf_view(&text), &last))
		log_warn("%s is damaged: written anew", ACCOUNT_FILE);
	if (status_ok(st) || st.code == STATUS_NOT_FOUND) {
		uint32_t value = last >= now ? last + 1 : now;
		buf_reset(&text);
		buf_printf(&text, FIRST_LINE "%u\nend\n", value);
		fence_check();
		st = io_replace_file(account->dir, ACCOUNT_FILE, buf_view(&text), 0600);
		if (status_ok(st))
			*out = value;
	}
	pthread_mutex_unlock(&account->files_lock);
	buf_release(&text);
	return st;
}

struct status
account_mailbox(struct account *account, struct span name, struct mailbox **out)
{
	struct open_box *entry;
	struct status st = boxes_open(account->store->boxes, account, name, &entry);

	if (status_ok(st))
		*out = boxes_mailbox(entry);
	return st;
}
