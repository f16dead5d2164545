/*
 * account.c - one person's Maildir
 */
#include "storesvc/account/account_table.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/map.h"
#include "notice/notice.h"
#include "storesvc/account/boxes.h"
#include "storesvc/account/home.h"
#include "storesvc/account/ids.h"
#include "storesvc/fence/fence.h"
#include "storesvc/store.h"

#define ACCOUNT_FILE "posthouse-account"
#define FIRST_LINE "posthouse-account 1\nuidvalidity "

#define NAMES_MOST 64			/* that get notices at once; others find changes by polling */

/* Two accounts are one when this is the same, whatever their names and the way to the directory. */
struct account_key {
	uint64_t dev, ino;		/* of the Maildir */
	uint64_t uid, gid;
};

struct account_table {
	pthread_mutex_t lock;
	struct map accounts;		/* struct account_key -> struct account */
	uint32_t last_uidvalidity;	/* given by this process, to whichever account */
};

struct account {
	struct store *store;
	struct account_key key;
	char *name, *path;		/* as it was opened first */
	uid_t uid;			/* both 0: the process's own user */
	gid_t gid;
	int dir;
	unsigned refs;			/* under the table's lock */
	pthread_mutex_t files_lock;	/* posthouse-account, subscriptions */
	pthread_rwlock_t tree_lock;	/* which folders there are: opening reads, renaming writes */
	pthread_mutex_t names_lock;
	char *names[NAMES_MOST];	/* of the tickets it was opened by, under names_lock */
	size_t name_count, name_next;
	struct account_boxes boxes;
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

static struct span
key_span(const struct account_key *key)
{
	return span_of(key, sizeof(*key));
}

bool
account_enter(const struct account *account)
{
	if (ids_enter(account->uid, account->gid))
		return true;
	log_error("account %s: cannot work as uid %u, gid %u", account->name, account->uid, account->gid);
	return false;
}

void
account_leave(const struct account *account)
{
	if (account->uid || account->gid)
		ids_leave();
}

/* What decides which files are touched, and as whom; and what is said of it in the log. */
struct opening {
	struct store *store;
	const char *name, *path;
	uid_t uid;
	gid_t gid;
	char who[256];
};

static struct status
refuse(const struct opening *o, const char *text)
{
	log_error("%s, directory %s: %s", o->who, o->path, text);
	return status_make(STATUS_DENIED, text);
}

/* Half a system account is none: files of root's group or user are nobody's mail. */
static struct status
check_ids(struct opening *o)
{
	if (o->uid == geteuid() && o->gid == getegid())
		o->uid = o->gid = 0;
	if (o->uid == 0 && o->gid == 0)
		return STATUS_FINE;
	if (o->uid == 0 || o->gid == 0)
		return refuse(o, "The account's user id is not allowed");
	if (!o->store->works_as_others)
		return refuse(o, "This store cannot work as another user");
	return STATUS_FINE;
}

static struct status
begin_opening(struct store *store, const Posthouse__Ticket *ticket, struct arena *scratch, struct opening *out)
{
	*out = (struct opening){ .store = store, .name = ticket->account, .uid = ticket->uid, .gid = ticket->gid };
	snprintf(out->who, sizeof(out->who), "account %s, uid %u, gid %u", ticket->account, ticket->uid, ticket->gid);
	struct status st = home_path(scratch, span_str(ticket->home), span_str(ticket->maildir), &out->path);
	if (!status_ok(st)) {
		log_error("%s: home %s and mail directory %s: %s", out->who, ticket->home, ticket->maildir, st.text);
		return st;
	}
	return check_ids(out);
}

/* A Maildir is one from the first look on, so that mail can be delivered before anybody reads it. */
static void
furnish(int dir, const struct opening *o)
{
	if (mkdirat(dir, "tmp", 0700) == 0)
		log_info("%s: %s is a new Maildir", o->who, o->path);
	(void)mkdirat(dir, "new", 0700);
	(void)mkdirat(dir, "cur", 0700);
}

static struct status
open_directory(const struct opening *o, int *out_dir)
{
	const struct store_config *config = &o->store->config;
	const struct home_roots roots = { config->maildir_root, config->system_homes, o->who };

	if (!ids_enter(o->uid, o->gid))
		return refuse(o, "This store cannot work as another user");
	struct status st = home_open(o->path, &roots, HOME_MAKE, out_dir);
	if (status_ok(st))
		furnish(*out_dir, o);
	if (o->uid || o->gid)
		ids_leave();
	return st;
}

static struct account *
new_account(const struct opening *o, const struct account_key *key, int take_dir)
{
	struct account *account = MEM_NEW(struct account);

	*account = (struct account){ .store = o->store, .key = *key, .name = mem_strdup(o->name),
		.path = mem_strdup(o->path), .uid = o->uid, .gid = o->gid, .dir = take_dir };
	pthread_mutex_init(&account->files_lock, NULL);
	pthread_rwlock_init(&account->tree_lock, NULL);
	pthread_mutex_init(&account->names_lock, NULL);
	return account;
}

static void
add_name(struct account *account, const char *name)
{
	pthread_mutex_lock(&account->names_lock);
	size_t i = 0;
	while (i < account->name_count && strcmp(account->names[i], name) != 0)
		i++;
	if (i == account->name_count) {
		if (i == NAMES_MOST) {
			i = account->name_next++ % NAMES_MOST;
			free(account->names[i]);
		} else {
			account->name_count++;
		}
		account->names[i] = mem_strdup(name);
	}
	pthread_mutex_unlock(&account->names_lock);
}

/* The account of an open directory, which becomes its own or is closed. */
static struct status
find_or_add(const struct opening *o, int take_dir, struct account **out)
{
	struct account_table *t = o->store->accounts;
	struct stat info;

	if (fstat(take_dir, &info) < 0) {
		struct status st = io_status(errno, "look at", o->path);
		close(take_dir);
		return st;
	}
	const struct account_key key = { info.st_dev, info.st_ino, o->uid, o->gid };
	pthread_mutex_lock(&t->lock);
	struct account *account = map_find(&t->accounts, key_span(&key));
	if (!account) {
		account = new_account(o, &key, take_dir);
		take_dir = -1;
		(void)map_put(&t->accounts, key_span(&key), account);
	}
	account->refs++;
	pthread_mutex_unlock(&t->lock);
	if (take_dir >= 0)
		close(take_dir);
	add_name(account, o->name);
	*out = account;
	return STATUS_FINE;
}

/*
 * The way to the directory is walked each time, with no lock held: what is there now decides, so a Maildir that was
 * replaced is noticed, and one whose disk does not answer keeps nobody else waiting.
 */
struct status
account_open(struct store *store, const Posthouse__Ticket *ticket, struct account **out)
{
	struct opening o;
	struct arena scratch;
	int dir;

	arena_init(&scratch, 0);
	struct status st = begin_opening(store, ticket, &scratch, &o);
	if (status_ok(st))
		st = open_directory(&o, &dir);
	if (st.code == STATUS_UNAVAILABLE && boxes_relieve(store->boxes, NULL))
		st = open_directory(&o, &dir);
	if (status_ok(st))
		st = find_or_add(&o, dir, out);
	arena_release(&scratch);
	return st;
}

enum account_place
account_look(const struct account *account)
{
	const struct store_config *config = &account->store->config;
	const struct home_roots roots = { config->maildir_root, config->system_homes, account->name };
	struct stat info;
	int dir;

	struct status st = home_open(account->path, &roots, HOME_LOOK, &dir);
	if (!status_ok(st))
		return ACCOUNT_ABSENT;
	bool same = fstat(dir, &info) == 0 && info.st_dev == account->key.dev && info.st_ino == account->key.ino;
	close(dir);
	return same ? ACCOUNT_IN_PLACE : ACCOUNT_REPLACED;
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
		(void)map_remove(&t->accounts, key_span(&account->key));
	pthread_mutex_unlock(&t->lock);
	if (!last)
		return;
	close(account->dir);
	pthread_mutex_destroy(&account->files_lock);
	pthread_rwlock_destroy(&account->tree_lock);
	pthread_mutex_destroy(&account->names_lock);
	for (size_t i = 0; i < account->name_count; i++)
		free(account->names[i]);
	free(account->name);
	free(account->path);
	free(account);
}

struct account_boxes *
account_boxes(struct account *account)
{
	return &account->boxes;
}

bool
account_same_ids(const struct account *a, const struct account *b)
{
	return a->uid == b->uid && a->gid == b->gid;
}

void
account_tell(struct account *account, const char *mailbox_id, uint64_t modseq)
{
	struct notice_publisher *notices = account->store->notices;

	if (!notices)
		return;
	pthread_mutex_lock(&account->names_lock);
	for (size_t i = 0; i < account->name_count; i++)
		notice_publish(notices, account->names[i], mailbox_id, modseq);
	pthread_mutex_unlock(&account->names_lock);
}

const char *
account_path(const struct account *account)
{
	return account->path;
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

/* The file may have gone with its Maildir a moment ago: no two are the same in a process's life. */
static uint32_t
next_uidvalidity(struct account_table *t, uint32_t last, uint32_t now)
{
	pthread_mutex_lock(&t->lock);
	if (last < t->last_uidvalidity)
		last = t->last_uidvalidity;
	uint32_t value = last >= now ? last + 1 : now;
	t->last_uidvalidity = value;
	pthread_mutex_unlock(&t->lock);
	return value;
}

/* By the clock, so that a lost counter does not bring old values back; never the same twice. */
struct status
account_new_uidvalidity(struct account *account, uint32_t after, uint32_t *out)
{
	uint32_t last = 0, now = (uint32_t)clock_wall_s();
	struct buf text;

	buf_init(&text, 4096);
	pthread_mutex_lock(&account->files_lock);
	struct status st = io_read_file(account->dir, ACCOUNT_FILE, 4096, &text);
	if (status_ok(st) && !parse_last_uidvalidity(buf_view(&text), &last))
		log_warn("%s is damaged: written anew", ACCOUNT_FILE);
	if (status_ok(st) || st.code == STATUS_NOT_FOUND) {
		uint32_t value = next_uidvalidity(account->store->accounts, last > after ? last : after, now);
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
