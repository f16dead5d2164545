/*
 * admin_usage.c - Usage: what do these accounts have?
 *
 * Counted in the directories, without opening mailboxes: a store is asked for all of its accounts, and most of them
 * are not in use.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io_open.h"
#include "storesvc/account/folders.h"
#include "storesvc/admin/store_admin.h"
#include "storesvc/maildir/name.h"

#define MOST 10000			/* accounts in one question */

static void
count_directory(int folder, const char *which, Posthouse__Usage *usage)
{
	struct maildir_name name;
	struct dirent *entry;
	struct stat info;
	int fd = io_open_dir(folder, which);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		maildir_name_parse(span_str(entry->d_name), &name);
		if (!name.has_size && fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
			name.size = (uint64_t)info.st_size;
		usage->messages++;
		usage->bytes += name.size;
	}
	closedir(stream);
}

static struct status
count_account(struct store *store, struct arena *a, const Posthouse__Ticket *ticket, Posthouse__Usage *usage)
{
	struct account *account = NULL;
	struct folder *folders;
	size_t count = 0;
	int dir;
	struct status st = admin_enter(store, ticket, a, &account);

	if (status_ok(st))
		st = folders_list(account, a, &folders, &count);
	for (size_t i = 0; status_ok(st) && i < count; i++) {
		if (!status_ok(folders_open(account, folders[i].name, &dir)))
			continue;		/* deleted meanwhile */
		usage->mailboxes++;
		count_directory(dir, "cur", usage);
		count_directory(dir, "new", usage);
		close(dir);
	}
	admin_leave(&account);
	return st;
}

static struct status
count_all(struct store *store, struct rpc_call *call, const Posthouse__UsageRequest *in, Posthouse__UsageReply *reply)
{
	struct arena scratch;

	if (in->n_accounts > MOST)
		return status_make(STATUS_INVALID, "Too many accounts in one question");
	reply->usage = ARENA_ARRAY(&call->arena, in->n_accounts, Posthouse__Usage *);
	for (size_t i = 0; i < in->n_accounts; i++) {
		if (!rpc_call_wanted(call))
			return status_make(STATUS_CANCELLED, "No longer wanted");
		Posthouse__Usage *usage = ARENA_NEW(&call->arena, Posthouse__Usage);
		posthouse__usage__init(usage);
		usage->account = in->accounts[i]->account;
		arena_init(&scratch, 0);
		struct status st = count_account(store, &scratch, in->accounts[i], usage);
		if (!status_ok(st) && st.code != STATUS_NOT_FOUND)
			usage->trouble = arena_strdup(&call->arena, st.text);
		arena_release(&scratch);
		reply->usage[reply->n_usage++] = usage;
	}
	return STATUS_FINE;
}

void
admin_usage(Posthouse__StoreAdmin_Service *service, const Posthouse__UsageRequest *in,
    Posthouse__UsageReply_Closure closure, void *data)
{
	Posthouse__UsageReply reply = POSTHOUSE__USAGE_REPLY__INIT;
	struct rpc_call *call = data;

	call->status = count_all(store_of_admin(service), call, in, &reply);
	closure(&reply, call);
}
